// The images that a request can name.
import type { Policy } from '../../domain/policy.ts';
import { code } from './common.ts';

type Image = Policy['images'][number];

/** More would not fit into one section. */
const SHOWN_MAX = 12;

export function imageWords(images: readonly Image[]): string {
  const usual = images.find((image) => image.class === 'interactive');
  const without = usual === undefined ? '' : `; without it you get ${code(usual.name)}`;
  const rest = images.length - SHOWN_MAX;
  return [
    `*Images*: a request names one with \`image NAME\`${without}`,
    ...images.slice(0, SHOWN_MAX).map(imageLine),
    ...(rest > 0 ? [`and ${rest} more`] : []),
  ].join('\n');
}

/** "• `jupyter`: `quay.io/jupyter/…`, interactive; port 8888 (lab); needs NVIDIA driver 550.54 or newer". */
function imageLine({ name, reference, class: made, ports, minDriver }: Image): string {
  const shown = ports.slice(0, 8).map(({ port, name: service }) => `${port} (${service})`);
  const rest = ports.length - shown.length;
  const listens = [...shown, ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
  return [
    `• ${code(name, 41)}: ${code(reference, 80)}, ${made === 'batch' ? 'for batch jobs' : 'interactive'}`,
    ...(ports.length === 0 ? [] : [`${ports.length === 1 ? 'port' : 'ports'} ${listens}`]),
    ...(minDriver === undefined ? [] : [`with GPUs it needs the NVIDIA driver ${minDriver} or newer`]),
  ].join('; ');
}
