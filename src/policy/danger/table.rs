//! What is hard to undo, as data.
//!
//! A pattern is written as a rule's words: `git push --force|-f` reaches `git -C x
//! push origin -f`. Words that are options stand anywhere, alone or in a cluster.

use super::Gravity::{Grave, Ruinous};
use super::Object::{
    Any, Device, Everything, Forced, HostRoot, Outside, Production, Setuid, Sql, Unknown,
};
use super::{Danger, danger};

pub(super) const DANGERS: &[&[Danger]] = &[GIT, FILES, NETWORK, PACKAGES, CLOUD, DATA, SYSTEM];

pub(super) const GIT: &[Danger] = &[
    danger(
        "git push --force|-f|--force-with-lease|--mirror",
        Any,
        Grave,
        "replaces history that others may have on the remote",
    ),
    danger("git push", Forced, Grave, "replaces or deletes a branch on the remote"),
    danger("git push --delete|-d|--prune", Any, Grave, "deletes branches or tags on the remote"),
    danger(
        "git reset --hard|--merge|--keep",
        Any,
        Grave,
        "discards changes that are not committed",
    ),
    danger("git checkout -f|--force|--|.", Any, Grave, "discards changes that are not committed"),
    danger("git restore", Any, Grave, "discards changes that are not committed"),
    danger(
        "git switch -f|--force|--discard-changes",
        Any,
        Grave,
        "discards changes that are not committed",
    ),
    danger("git clean -f|--force", Any, Grave, "deletes files that git does not know, for good"),
    danger(
        "git branch -D|-M|-C|--force|-f",
        Any,
        Grave,
        "drops or replaces a branch that may not be merged",
    ),
    danger("git stash drop|clear|pop", Any, Grave, "drops stashed changes"),
    danger("git rebase|filter-branch|filter-repo|replace", Any, Grave, "rewrites history"),
    danger("git commit --amend", Any, Grave, "rewrites the last commit"),
    danger("git reflog expire|delete", Any, Grave, "drops what could bring lost commits back"),
    danger("git gc --prune", Any, Grave, "drops what could bring lost commits back"),
    danger("git update-ref|symbolic-ref -d|--delete", Any, Grave, "deletes a reference"),
    danger("git tag -d|--delete|-f|--force", Any, Grave, "deletes or replaces a tag"),
    danger(
        "git remote set-url|add|remove|rename|rm",
        Any,
        Grave,
        "changes where pushes go to and pulls come from",
    ),
    danger("git worktree remove --force|-f", Any, Grave, "discards changes in a work tree"),
    danger(
        "git config --unset|--add|--replace-all|--global|--system",
        Any,
        Grave,
        "changes settings by which git starts programs",
    ),
    danger("git config set|unset", Any, Grave, "changes settings by which git starts programs"),
];

const FILES: &[Danger] = &[
    danger(
        "rm -r|-R|--recursive",
        Everything,
        Ruinous,
        "deletes the system, a home directory or all of it",
    ),
    danger(
        "rm --no-preserve-root",
        Any,
        Ruinous,
        "deletes the system, a home directory or all of it",
    ),
    danger(
        "rm -r|-R|--recursive",
        Outside,
        Grave,
        "deletes whole directories outside of the project",
    ),
    danger("rm -r|-R|--recursive", Any, Grave, "deletes whole directories"),
    danger(
        "find -delete",
        Everything,
        Ruinous,
        "deletes the system, a home directory or all of it",
    ),
    danger("find|gfind -delete", Any, Grave, "deletes whatever it finds"),
    danger(
        "rsync --delete|--delete-after|--delete-before|--delete-excluded",
        Any,
        Grave,
        "deletes what the source does not have",
    ),
    danger(
        "chmod|chown|chgrp -R|--recursive",
        Everything,
        Ruinous,
        "changes who may use the whole system",
    ),
    danger(
        "chmod|chown|chgrp -R|--recursive",
        Any,
        Grave,
        "changes owners or rights of whole directories",
    ),
    danger("chmod", Setuid, Grave, "lets a program run with its owner's rights"),
    danger("chmod 777|0777|a+rwx|o+w|a+w", Any, Grave, "lets everybody write"),
    danger("dd", Device, Ruinous, "overwrites a device"),
    danger("dd", Any, Grave, "overwrites its output from the start"),
    danger(
        "mkfs|mke2fs|mkswap|wipefs|blkdiscard|fdisk|parted|sgdisk",
        Device,
        Ruinous,
        "wipes a device",
    ),
    danger("shred|srm|wipe", Device, Ruinous, "wipes a device"),
    danger("shred|srm|wipe", Any, Grave, "overwrites files so that nothing brings them back"),
    danger("truncate", Any, Grave, "cuts files off"),
    danger("mv|cp|ln|install|tee", Outside, Grave, "writes outside of the project"),
];

const NETWORK: &[Danger] = &[
    danger(
        "curl -T|--upload-file|-F|--form|-d|--data|--data-binary|--data-raw|--data-urlencode|--json",
        Any,
        Grave,
        "sends data to another machine",
    ),
    danger(
        "wget --post-data|--post-file|--body-data|--body-file",
        Any,
        Grave,
        "sends data to another machine",
    ),
    danger(
        "curl|wget -k|--insecure|--no-check-certificate",
        Any,
        Grave,
        "does not check whom it talks to",
    ),
    danger("scp|sftp|rsync|nc|ncat|socat|ftp", Any, Grave, "copies from or to another machine"),
    danger("ssh|mosh|telnet", Any, Grave, "works on another machine"),
];

const PACKAGES: &[Danger] = &[
    danger(
        "npm|pnpm|yarn|bun publish|unpublish|deprecate",
        Any,
        Grave,
        "publishes or withdraws a package",
    ),
    danger("cargo publish|yank|owner", Any, Grave, "publishes or withdraws a package"),
    danger("twine|flit|poetry|hatch|uv upload|publish", Any, Grave, "publishes a package"),
    danger("gem push|yank", Any, Grave, "publishes or withdraws a package"),
    danger("docker|podman push", Any, Grave, "publishes an image"),
    danger(
        "gh release|repo|secret|api|workflow",
        Any,
        Grave,
        "can change the repository for everybody",
    ),
    danger("gh pr merge|close", Any, Grave, "changes the repository for everybody"),
    danger(
        "npm|pnpm|yarn|bun install|i|add|ci|update|exec|dlx",
        Any,
        Grave,
        "installs packages, which run scripts of their own",
    ),
    danger("npx|bunx|uvx|pipx", Any, Grave, "runs a package from the registry"),
    danger(
        "pip|pip3|uv|gem|cargo|go install",
        Any,
        Grave,
        "installs packages, which run code of their own",
    ),
    danger(
        "apt|apt-get|dnf|yum|apk|pacman|brew|snap install|remove|purge|upgrade|-S|-R",
        Any,
        Grave,
        "changes the programs of this machine",
    ),
];

pub(super) const CLOUD: &[Danger] = &[
    danger(
        "kubectl|helm|terraform|tofu|docker|gcloud|aws|az|argocd|ansible-playbook",
        Production,
        Grave,
        "names production",
    ),
    danger(
        "kubectl delete|drain|cordon|replace|scale|patch|apply|edit|rollout",
        Any,
        Grave,
        "changes what runs in the cluster",
    ),
    danger("kubectl exec|cp|debug|port-forward", Any, Grave, "reaches into running containers"),
    danger(
        "kubectl config use-context|set-context|delete-context",
        Any,
        Grave,
        "changes which cluster later commands change",
    ),
    danger(
        "helm install|upgrade|uninstall|delete|rollback",
        Any,
        Grave,
        "changes what runs in the cluster",
    ),
    danger("terraform|tofu|pulumi|cdk destroy", Any, Grave, "destroys machines and data"),
    danger(
        "terraform|tofu|pulumi|cdk apply|up|deploy|import|state",
        Any,
        Grave,
        "changes machines and data",
    ),
    danger("aws|gcloud|az|doctl|heroku|fly|vercel", Any, Grave, "uses cloud credentials"),
    danger("ansible|ansible-playbook", Any, Grave, "changes other machines"),
    danger(
        "docker|podman run|exec|create --privileged|--cap-add|--device",
        Any,
        Grave,
        "gives a container the rights of the machine",
    ),
    danger(
        "docker|podman run|create -v|--volume|--mount",
        HostRoot,
        Grave,
        "gives a container all files of the machine",
    ),
    danger(
        "docker|podman system|volume|image|container|builder prune|rm",
        Any,
        Grave,
        "deletes images, containers or their data",
    ),
    danger("docker|podman rm|rmi|kill", Any, Grave, "ends or deletes containers or images"),
    danger("docker-compose|docker down", Any, Grave, "ends containers"),
];

const DATA: &[Danger] = &[
    danger(
        "psql|mysql|mariadb|sqlite3|sqlcmd|clickhouse-client|duckdb|mongo|mongosh",
        Sql,
        Grave,
        "drops, empties or deletes data",
    ),
    danger("dropdb|dropuser", Any, Grave, "drops a database"),
    danger("redis-cli flushall|FLUSHALL|flushdb|FLUSHDB", Any, Grave, "empties a database"),
];

pub(super) const SYSTEM: &[Danger] = &[
    danger(
        "airlock-exec approver approve|watch|pair",
        Any,
        Ruinous,
        "decides in the place of a person",
    ),
    danger(
        "airlock-exec pair|pairings|unpair|init|config|sign-in|sign-out",
        Any,
        Grave,
        "changes who decides, or where",
    ),
    danger("airlock-exec hook uninstall", Any, Grave, "removes hooks that ask"),
    danger("sudo|doas|su|pkexec|runuser", Any, Grave, "runs with another user's rights"),
    danger("crontab|at|batch", Any, Grave, "runs later, when nobody is asked"),
    danger("systemctl|service|launchctl", Any, Grave, "changes what runs on this machine"),
    danger("shutdown|reboot|halt|poweroff|init", Any, Grave, "stops this machine"),
    danger("kill|pkill|killall", Any, Grave, "ends processes"),
    danger("mount|umount|swapoff|losetup", Any, Grave, "changes what is mounted"),
    danger("iptables|nft|ufw|firewall-cmd", Any, Grave, "changes the firewall"),
    danger(
        "useradd|usermod|userdel|passwd|chpasswd|visudo|adduser|deluser",
        Any,
        Grave,
        "changes who may use this machine",
    ),
    danger("ssh-keygen|gpg|security|secret-tool|pass", Any, Grave, "makes, reads or changes keys"),
    danger("eval|source|.", Unknown, Grave, "runs text that is known only when it runs"),
];
