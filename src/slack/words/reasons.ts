// Why a container ended or never came up, from the codes in the ledger.
import { code } from './common.ts';

const failures: Readonly<Record<string, (image: string, host: string) => string>> = {
  image_missing: (image, host) => `the image ${image} is not on ${host}`,
  device_missing: (_, host) => `a GPU that it was to have is no longer there on ${host}`,
  name_taken: (_, host) => `somebody else's container on ${host} has its name`,
  stale_fence: (_, host) => `${host} had a newer order for one of its GPUs`,
  refused_by_host: (_, host) => `${host} refused to run it`,
  network_unsafe: (_, host) => `the firewall rules that separate containers are missing on ${host}`,
  engine_failed: (_, host) => `Docker on ${host} could not start it`,
};

const ends: Readonly<Record<string, string>> = {
  released: 'it was released',
  declined: 'it was declined, since it was less than asked for',
  lease_ended: 'its time was over',
  not_up_in_time: 'it was not up within 10 minutes',
  exited: 'it ended by itself or was stopped on the host',
  out_of_memory: 'it ran out of memory and was ended by the kernel',
  removed: 'it was removed on the host by hand',
};

/** "the image `pytorch` is not on `gpu-01`". */
export function whyFailed(reason: string | null, image: string, host: string | null): string {
  const say = failures[reason ?? ''];
  return say === undefined ? 'the host could not start it' : say(code(image), code(host ?? 'its host'));
}

/** "nobody answered". */
export function whyLapsed(reason: string | null): string {
  switch (reason) {
    case 'no_place_in_time':
      return 'no place was found in time';
    case 'pool_gone':
      return 'the policy has this pool no longer';
    case 'pool_changed':
      return 'the GPUs of this pool are of another size now than those that were asked for';
    default:
      return 'nobody answered';
  }
}

/** "its time was over". */
export function whyEnded(reason: string | null): string {
  return ends[reason ?? ''] ?? 'it ended';
}

/** What an admin has to do before the same request can work, or null when asking again is enough. */
export function remedy(reason: string | null): string | null {
  switch (reason) {
    case 'image_missing':
      return 'Choose another image, or ask an admin to bring this one to the host.';
    case 'name_taken':
    case 'refused_by_host':
    case 'network_unsafe':
      return 'An admin has to look at the host; the agent’s log there says more.';
    default:
      return null;
  }
}
