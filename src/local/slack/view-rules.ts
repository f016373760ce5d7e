// Slack's rules for whole views: a modal or a Home tab, its words, its blocks and how big it may be.
import { checkBooleans } from './composition.ts';
import { checkBlocks } from './blocks.ts';
import { checkObject, checkString, checkText, isObject, report, type Fields } from './shape.ts';

const BLOCKS_MAX = 100;
const BYTES_MAX = 250_000;
const SHARED = ['private_metadata', 'callback_id', 'external_id'];
const RULES = {
  home: { required: ['blocks'], optional: SHARED },
  modal: { required: ['title', 'blocks'], optional: ['submit', 'close', 'clear_on_close', 'notify_on_close', ...SHARED] },
} as const;

/** What Slack would refuse about this view, each with a JSON pointer from `/view`; an empty list means accepted. */
export function checkView(view: unknown, kind: 'modal' | 'home'): string[] {
  const out: string[] = [];
  if (!isObject(view)) return ['must be an object [json-pointer:/view]'];
  if (view['type'] !== kind) return [`must be one of: ${kind} [json-pointer:/view/type]`];
  const { required, optional } = RULES[kind];
  checkObject(view, '/view', { required: [...required], optional: [...optional] }, out);
  for (const name of ['title', 'submit', 'close']) {
    if (kind === 'modal' && name in view) checkText(view[name], `/view/${name}`, { kinds: ['plain_text'], max: 24 }, out);
  }
  if ('private_metadata' in view) checkString(view['private_metadata'], '/view/private_metadata', { min: 0, max: 3000 }, out);
  if ('callback_id' in view) checkString(view['callback_id'], '/view/callback_id', { min: 0, max: 255 }, out);
  if ('external_id' in view) checkString(view['external_id'], '/view/external_id', { min: 0, max: 255 }, out);
  checkBooleans(view, ['clear_on_close', 'notify_on_close'], '/view', out);
  if ('blocks' in view) checkContent(view, kind, out);
  return out;
}

/** Whether Slack refuses it as view_too_large. */
export function isTooLarge(view: unknown): boolean {
  return Buffer.byteLength(JSON.stringify(view)) > BYTES_MAX;
}

function checkContent(view: Fields, kind: 'modal' | 'home', out: string[]): void {
  out.push(...checkBlocks(view['blocks'], { max: BLOCKS_MAX, root: '/view/blocks' }));
  const blocks: readonly unknown[] = Array.isArray(view['blocks']) ? view['blocks'] : [];
  let focused = 0;
  for (const [index, block] of blocks.entries()) {
    if (!isObject(block)) continue;
    if (block['type'] === 'input' && kind === 'modal' && !('submit' in view))
      report(out, 'must define `submit` to use `input` block', `/view/blocks/${index}/input`);
    const elements = [block['element'], block['accessory'], block['elements']].flat() as unknown[];
    focused += elements.filter((element) => isObject(element) && element['focus_on_load'] === true).length;
  }
  if (focused > 1) report(out, 'only one element may have `focus_on_load`', '/view/blocks');
}
