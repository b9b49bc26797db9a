// airlock-exec agent-hook pi: asks before pi runs a command.
// Written by `airlock-exec hook install --agent pi`.
import { spawn } from "node:child_process"

const BINARY = @BINARY@

function ask(tool, input, cwd) {
  const payload = JSON.stringify({
    hook_event_name: "PreToolUse", tool_name: tool, tool_input: input, cwd,
  })
  return new Promise((resolve) => {
    const child = spawn(BINARY, ["agent-hook", "pi"], { stdio: ["pipe", "pipe", "pipe"] })
    let said = ""
    let why = ""
    child.stdout.on("data", (text) => { said += text })
    child.stderr.on("data", (text) => { why += text })
    child.stdin.on("error", () => {})
    child.on("error", (error) => resolve(`airlock-exec cannot be asked (${error.message}); the command was not executed`))
    child.on("close", (status) => {
      if (status === 0 && said.trim() === "") return resolve(undefined)
      let answer
      try { answer = JSON.parse(said) } catch { answer = undefined }
      if (status === 0 && answer?.decision === "allow") return resolve(undefined)
      resolve(why.trim() || "airlock-exec did not allow it; the command was not executed")
    })
    child.stdin.end(payload)
  })
}

export default function (pi) {
  // A throw blocks, too.
  pi.on("tool_call", async (event, ctx) => {
    const reason = await ask(event.toolName, event.input, ctx?.cwd ?? process.cwd())
    if (reason) return { block: true, reason }
    if (event.input && typeof event.input === "object") Object.freeze(event.input)
  })
}
