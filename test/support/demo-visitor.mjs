// Visits the demo's page as a browser does: opens the printed address, asks as Ada, approves as Pat, and prints what Ada then reads.
// Arguments: the printed address, and "release" to give the container back again, or "releasing" not to wait for the end of that. Plain JavaScript: it runs beside the demo, in its network namespace.
const [, , address, ending] = process.argv;
const { origin } = new URL(address);
const opened = await fetch(address, { redirect: 'manual' });
const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
const headers = { cookie, origin, 'content-type': 'application/json' };

async function view(as) {
  const response = await fetch(`${origin}/page/view?as=${as}`, { headers });
  return response.json();
}
async function act(verb, body) {
  const response = await fetch(`${origin}/page/${verb}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${verb}: ${response.status} ${await response.text()}`);
}
async function until(as, find) {
  const endsAt = Date.now() + 30_000;
  for (;;) {
    const seen = await view(as);
    const found = seen.channels.flatMap(({ id, messages }) => messages.map((message) => ({ ...message, channel: id }))).find(find);
    if (found !== undefined) return found;
    if (Date.now() > endsAt)
      throw new Error(
        `waited 30 s; ${as} sees ${JSON.stringify(seen.channels.flatMap(({ messages }) => messages.map(({ text }) => text)))}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const person = async (name) => (await view('')).people.find((each) => each.name === name).id;
const [ada, pat] = [await person('ada'), await person('pat')];
const channel = (await view(ada)).channels.find(({ name }) => name === 'gpu-approvals').id;
const blockOf = (message, action) =>
  message.blocks.find((block) => block.elements?.some((element) => element.action_id === action)).block_id;

await act('command', { as: ada, channel, command: '/gpu', text: 'request 1 a100 for 2h -- fine-tune' });
const card = await until(pat, ({ text, blocks }) => /asks for/.test(text) && JSON.stringify(blocks).includes('"approve"'));
await act('click', { as: pat, channel, ts: card.ts, action_id: 'approve', block_id: blockOf(card, 'approve') });
const running = await until(ada, ({ text }) => /Your container runs/.test(text));
if (ending !== undefined) {
  await act('click', { as: ada, channel: running.channel, ts: running.ts, action_id: 'release', block_id: blockOf(running, 'release') });
  await until(pat, ({ text }) => (ending === 'release' ? /Ended/ : /Stopping/).test(text));
}
process.stdout.write(JSON.stringify({ text: running.text, blocks: running.blocks }));
