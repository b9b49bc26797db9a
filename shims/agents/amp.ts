// airlock-exec agent-hook amp: asks before Amp runs a command. Amp's plugin API is experimental.
// Written by `airlock-exec hook install --agent amp`.
import { spawn } from "node:child_process"

const BINARY = @BINARY@

function ask(tool: string, input: unknown): Promise<string | undefined> {
  const payload = JSON.stringify({
    hook_event_name: "PreToolUse", tool_name: tool, tool_input: input, cwd: process.cwd(),
  })
  return new Promise((resolve) => {
    const child = spawn(BINARY, ["agent-hook", "amp"], { stdio: ["pipe", "ignore", "pipe"] })
    let why = ""
    child.stderr.on("data", (text: unknown) => { why += text })
    child.stdin.on("error", () => {})
    child.on("error", (error: Error) => resolve(`airlock-exec cannot be asked (${error.message}); the command was not executed`))
    child.on("close", (status: number | null) => {
      if (status === 0) return resolve(undefined)
      resolve(why.trim() || "airlock-exec did not allow it; the command was not executed")
    })
    child.stdin.end(payload)
  })
}

export default function (amp: any) {
  amp.on("tool.call", async (event: any) => {
    const message = await ask(event.tool, event.input)
    return message ? { action: "reject-and-continue", message } : { action: "allow" }
  })
}
