# For a tap. VERSION, the two digests and HOST are those of a release: packaging/build
# prints the digests.
class AirlockExec < Formula
  desc "Asks a person before an AI agent's command runs"
  homepage "https://docs.rs/airlock-exec"
  version "VERSION"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    url "https://HOST/airlock-exec-VERSION-aarch64-apple-darwin.tar.gz"
    sha256 "DIGEST-OF-MACOS"
  end

  on_linux do
    url "https://HOST/airlock-exec-VERSION-x86_64-unknown-linux-musl.tar.gz"
    sha256 "DIGEST-OF-LINUX"
  end

  def install
    bin.install "airlock-exec"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/airlock-exec.bash" => "airlock-exec"
    zsh_completion.install "completions/airlock-exec.zsh" => "_airlock-exec"
    fish_completion.install "completions/airlock-exec.fish"
  end

  test do
    assert_match "airlock-exec #{version}", shell_output("#{bin}/airlock-exec --version")
    # Policy decides without asking anybody.
    assert_match "allow", shell_output("#{bin}/airlock-exec policy check -- ls")
  end
end
