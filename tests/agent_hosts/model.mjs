// A model that asks for commands, in the interfaces that agents speak to models by.
//
//     node model.mjs COMMAND...
//
// Writes its port, and then each result of a command that an agent brings back, one
// JSON text a line. It asks for one command after the other, and then says that it is done.
import { createServer } from "node:http"

const commands = process.argv.slice(2)
const RUNS = ["Bash", "bash", "run_shell_command", "Execute", "shell", "run_commands", "exec_command"]
let told = 0

/** Says what came back, and returns the command that is next. */
function next(results) {
  for (const result of results.slice(told)) console.log(JSON.stringify(result))
  told = Math.max(told, results.length)
  return commands[results.length]
}

const tool = (names) => RUNS.find((name) => names.includes(name))
const text = (value) => (typeof value === "string" ? value : JSON.stringify(value))

/** Each interface: what was asked, and the events of the answer. */
const interfaces = {
  "/messages"(asked) {
    const parts = asked.messages.flatMap((each) => (Array.isArray(each.content) ? each.content : []))
    const name = tool((asked.tools ?? []).map((each) => each.name))
    const results = parts.filter((each) => each.type === "tool_result").map((each) => text(each.content))
    const command = name && next(results)
    const block = command
      ? { type: "tool_use", id: `toolu_${results.length}`, name, input: {} }
      : { type: "text", text: "" }
    const delta = command
      ? { type: "input_json_delta", partial_json: JSON.stringify({ command, description: "a test" }) }
      : { type: "text_delta", text: "done" }
    const usage = { input_tokens: 1, output_tokens: 1 }
    const message = {
      id: "msg_1", type: "message", role: "assistant", model: asked.model, content: [],
      stop_reason: null, stop_sequence: null, usage,
    }
    const end = { stop_reason: command ? "tool_use" : "end_turn", stop_sequence: null }
    return [
      { type: "message_start", message },
      { type: "content_block_start", index: 0, content_block: block },
      { type: "content_block_delta", index: 0, delta },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: end, usage },
      { type: "message_stop" },
    ]
  },
  "/responses"(asked) {
    const results = asked.input.filter((each) => /call_output$/.test(each.type)).map((each) => text(each.output))
    const command = next(results)
    const item = command
      ? {
          type: "function_call", id: "f", call_id: `call_${results.length}`, name: "exec_command",
          arguments: JSON.stringify({ cmd: command }),
        }
      : { type: "message", id: "m", role: "assistant", content: [{ type: "output_text", text: "done" }] }
    const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 }
    return [
      { type: "response.created", response: { id: "r" } },
      { type: "response.output_item.done", output_index: 0, item },
      { type: "response.completed", response: { id: "r", usage } },
    ]
  },
  "/chat/completions"(asked) {
    const name = tool((asked.tools ?? []).map((each) => each.function?.name))
    const results = asked.messages.filter((each) => each.role === "tool").map((each) => text(each.content))
    const command = name && next(results)
    const input = { command, description: "a test", is_background: false }
    const call = {
      index: 0, id: `call_${results.length}`, type: "function",
      function: { name, arguments: JSON.stringify(input) },
    }
    const delta = command ? { role: "assistant", tool_calls: [call] } : { role: "assistant", content: "done" }
    const chunk = (more) => ({ id: "c", object: "chat.completion.chunk", created: 1, model: asked.model, ...more })
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
    return [
      chunk({ choices: [{ index: 0, delta, finish_reason: null }] }),
      chunk({ choices: [{ index: 0, delta: {}, finish_reason: command ? "tool_calls" : "stop" }] }),
      chunk({ choices: [], usage }),
      "[DONE]",
    ]
  },
  ":streamGenerateContent"(asked) {
    const parts = asked.contents.flatMap((each) => each.parts ?? [])
    const results = parts.flatMap((each) => (each.functionResponse ? [text(each.functionResponse.response)] : []))
    const command = asked.tools && next(results)
    const part = command
      ? { functionCall: { name: "run_shell_command", args: { command, description: "a test" } } }
      : { text: "done" }
    const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 }
    return [{ candidates: [{ content: { role: "model", parts: [part] }, finishReason: "STOP", index: 0 }], usageMetadata }]
  },
}

const server = createServer(async (request, response) => {
  let body = ""
  for await (const chunk of request) body += chunk
  const path = request.url.split("?")[0]
  const known = Object.entries(interfaces).find(([end]) => path.endsWith(end))
  if (request.method !== "POST" || !known) {
    response.writeHead(200, { "content-type": "application/json" })
    return response.end('{"data":[],"models":[]}')
  }
  response.writeHead(200, { "content-type": "text/event-stream" })
  for (const event of known[1](JSON.parse(body))) {
    const name = event.type ? `event: ${event.type}\n` : ""
    response.write(`${name}data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`)
  }
  response.end()
})
server.listen(0, "127.0.0.1", () => console.log(server.address().port))
