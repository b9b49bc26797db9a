// airlock-exec agent-hook opencode: asks before opencode runs a command.
// Written by `airlock-exec hook install --agent opencode`; for opencode 1.3.4 and later, and 2.x.
import { spawn } from "node:child_process"

const BINARY = @BINARY@

// Whatever goes wrong throws, and a throw keeps the command from running.
function ask(tool, input, cwd, session_id) {
  const payload = JSON.stringify({
    hook_event_name: "PreToolUse", tool_name: tool, tool_input: input, cwd, session_id,
  })
  return new Promise((resolve, reject) => {
    const child = spawn(BINARY, ["agent-hook", "opencode"], { stdio: ["pipe", "pipe", "pipe"] })
    let said = ""
    let why = ""
    child.stdout.on("data", (text) => { said += text })
    child.stderr.on("data", (text) => { why += text })
    child.stdin.on("error", () => {})
    child.on("error", (error) => reject(new Error(`airlock-exec cannot be asked (${error.message}); the command was not executed`)))
    child.on("close", (status) => {
      if (status === 0 && said.trim() === "") return resolve()
      let answer
      try { answer = JSON.parse(said) } catch { answer = undefined }
      if (status === 0 && answer?.decision === "allow") return resolve()
      reject(new Error(why.trim() || "airlock-exec did not allow it; the command was not executed"))
    })
    child.stdin.end(payload)
  })
}

async function server(input) {
  return {
    "tool.execute.before": async (call, output) => {
      await ask(call.tool, output.args, input?.directory, call.sessionID)
      // What was decided about is what runs, whatever a later plugin does.
      if (output.args && typeof output.args === "object") Object.freeze(output.args)
    },
  }
}

async function setup(ctx) {
  await ctx.tool.hook("execute.before", async (event) => {
    await ask(event.tool, event.input, ctx?.directory, event.sessionID)
    if (event.input && typeof event.input === "object") Object.freeze(event.input)
  })
}

export default { id: "airlock-exec", server, setup }
