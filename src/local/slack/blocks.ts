// Slack's Block Kit rules for what Berth uses, with Slack's own kind of messages: `… [json-pointer:/blocks/0/text/text]`.
import { checkBooleans } from './composition.ts';
import { checkElement, CONTEXT_ELEMENTS, INPUT_ELEMENTS, INTERACTIVE_ELEMENTS } from './elements.ts';
import { checkList, checkObject, checkText, isObject, list, report, type Check } from './shape.ts';

const BLOCKS: Readonly<Record<string, Check>> = {
  section: checkSection,
  header: (block, at, out) => {
    checkObject(block, at, { required: ['text'], optional: ['block_id', 'level'] }, out);
    if ('text' in block) checkText(block['text'], `${at}/text`, { kinds: ['plain_text'], max: 150 }, out);
  },
  divider: (block, at, out) => checkObject(block, at, { required: [], optional: ['block_id'] }, out),
  image: (block, at, out) => {
    checkObject(block, at, { required: ['alt_text'], optional: ['block_id', 'image_url', 'slack_file', 'title'] }, out);
    if ('title' in block) checkText(block['title'], `${at}/title`, { kinds: ['plain_text'], max: 2000 }, out);
    if (typeof block['alt_text'] === 'string' && block['alt_text'].length > 2000)
      report(out, 'must be less than 2001 characters', `${at}/alt_text`);
  },
  context: (block, at, out) => {
    checkObject(block, at, { required: ['elements'], optional: ['block_id'] }, out);
    checkElements(block, at, { allowed: CONTEXT_ELEMENTS, max: 10 }, out);
  },
  actions: (block, at, out) => {
    checkObject(block, at, { required: ['elements'], optional: ['block_id'] }, out);
    checkElements(block, at, { allowed: INTERACTIVE_ELEMENTS, max: 25 }, out);
  },
  input: (block, at, out) => {
    checkObject(block, at, { required: ['label', 'element'], optional: ['block_id', 'hint', 'optional', 'dispatch_action'] }, out);
    if ('label' in block) checkText(block['label'], `${at}/label`, { kinds: ['plain_text'], max: 2000 }, out);
    if ('hint' in block) checkText(block['hint'], `${at}/hint`, { kinds: ['plain_text'], max: 2000 }, out);
    checkBooleans(block, ['optional', 'dispatch_action'], at, out);
    if ('element' in block) checkElement(block['element'], `${at}/element`, INPUT_ELEMENTS, out);
  },
};

/**
 * What Slack would refuse about these blocks, each with a JSON pointer; an empty list means accepted.
 * `max` is 50 for a message and 100 for a Home tab or modal, `root` the pointer's start. Block types local Slack does not
 * know are refused too, loudly, although Slack has more of them (rich_text, markdown, table …).
 */
export function checkBlocks(blocks: unknown, options: { max?: number; root?: string } = {}): string[] {
  const root = options.root ?? '/blocks';
  const out: string[] = [];
  if (!Array.isArray(blocks)) return [`must be an array [json-pointer:${root}]`];
  checkList(blocks, root, { min: 0, max: options.max ?? 50 }, out);
  const seen = new Set<string>();
  for (const [index, block] of blocks.entries()) {
    const at = `${root}/${index}`;
    if (!isObject(block)) {
      report(out, 'must be an object', at);
      continue;
    }
    const check = typeof block['type'] === 'string' && Object.hasOwn(BLOCKS, block['type']) ? BLOCKS[block['type']] : undefined;
    if (check === undefined) {
      report(out, `unsupported type: ${String(block['type'])}`, `${at}/type`);
      continue;
    }
    check(block, at, out);
    checkBlockId(block['block_id'], at, seen, out);
  }
  return out;
}

function checkBlockId(id: unknown, at: string, seen: Set<string>, out: string[]): void {
  if (id === undefined) return;
  if (typeof id !== 'string') return report(out, 'must be a string', `${at}/block_id`);
  if (id.length > 255) report(out, 'must be less than 256 characters', `${at}/block_id`);
  if (seen.has(id)) report(out, `\`block_id\` already exists: ${id}`, `${at}/block_id`);
  seen.add(id);
}

function checkSection(block: Record<string, unknown>, at: string, out: string[]): void {
  checkObject(block, at, { required: [], optional: ['block_id', 'text', 'fields', 'accessory', 'expand'] }, out);
  if (!('text' in block) && !('fields' in block)) report(out, 'must define either `fields` or `text`', at);
  if ('text' in block) checkText(block['text'], `${at}/text`, { kinds: ['plain_text', 'mrkdwn'], max: 3000 }, out);
  if ('fields' in block) {
    const fields = list(block['fields'], `${at}/fields`, out);
    checkList(fields, `${at}/fields`, { min: 1, max: 10 }, out);
    for (const [index, field] of fields.entries()) {
      checkText(field, `${at}/fields/${index}`, { kinds: ['plain_text', 'mrkdwn'], max: 2000 }, out);
    }
  }
  if ('accessory' in block) checkElement(block['accessory'], `${at}/accessory`, [...INTERACTIVE_ELEMENTS, 'image'], out);
}

function checkElements(block: Record<string, unknown>, at: string, rule: { allowed: readonly string[]; max: number }, out: string[]): void {
  if (!('elements' in block)) return;
  const elements = list(block['elements'], `${at}/elements`, out);
  checkList(elements, `${at}/elements`, { min: 1, max: rule.max }, out);
  const actionIds = new Set<string>();
  for (const [index, element] of elements.entries()) {
    checkElement(element, `${at}/elements/${index}`, rule.allowed, out);
    const id = isObject(element) ? element['action_id'] : undefined;
    if (typeof id !== 'string') continue;
    if (actionIds.has(id)) report(out, `\`action_id\` "${id}" already exists`, `${at}/elements/${index}/action_id`);
    actionIds.add(id);
  }
}
