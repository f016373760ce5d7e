// `berth policy check FILE`.
import { PolicyFileError, readPolicyFile } from '../policy-file.ts';

export function checkPolicy(file: string): number {
  try {
    const policy = readPolicyFile(file);
    console.log(`${file} is right: ${policy.pools.length} pools, ${policy.images.length} images, ${policy.approvers.length} approvers.`);
    return 0;
  } catch (error) {
    if (!(error instanceof PolicyFileError)) throw error;
    console.error(error.message);
    return 1;
  }
}
