// The arguments of `docker run` that make a container like a given one.
import type Docker from 'dockerode';

export function runFlags({ Config, HostConfig }: Docker.ContainerInspectInfo): string[] {
  const pairs = (flag: string, values: readonly string[] = []) => values.flatMap((value) => [flag, value]);
  const gpus = (HostConfig.DeviceRequests ?? []).flatMap((request) => {
    const devices = (request.DeviceIDs ?? []).join(',');
    const capabilities = (request.Capabilities?.[0] ?? []).filter((name) => name !== 'gpu').join(',');
    return ['--gpus', `"device=${devices}","capabilities=${capabilities}"`];
  });
  const mounts = (HostConfig.Mounts ?? []).map(
    ({ Source, Target, ReadOnly }) => `type=bind,source=${Source},target=${Target}${ReadOnly === true ? ',readonly' : ''}`,
  );
  return [
    '--init',
    '--no-healthcheck',
    ...pairs('--user', [Config.User]),
    ...pairs('--hostname', [Config.Hostname]),
    ...pairs('--workdir', [Config.WorkingDir]),
    ...pairs('--env', Config.Env),
    ...pairs(
      '--label',
      // A label of its own instead of Berth's, whose agent would take the container for its own.
      Object.keys(Config.Labels).map((key) => `bench.${key}=1`),
    ),
    ...pairs('--cap-drop', HostConfig.CapDrop),
    ...pairs('--security-opt', HostConfig.SecurityOpt),
    ...pairs('--memory', [String(HostConfig.Memory)]),
    ...pairs('--memory-swap', [String(HostConfig.MemorySwap)]),
    ...pairs('--cpus', [String((HostConfig.NanoCpus ?? 0) / 1e9)]),
    ...pairs('--pids-limit', [String(HostConfig.PidsLimit)]),
    ...pairs('--shm-size', [String(HostConfig.ShmSize)]),
    ...pairs('--oom-score-adj', [String(HostConfig.OomScoreAdj)]),
    ...pairs('--log-driver', [HostConfig.LogConfig?.Type ?? 'json-file']),
    ...Object.entries((HostConfig.LogConfig?.Config ?? {}) as Record<string, string>).flatMap(([key, value]) => [
      '--log-opt',
      `${key}=${value}`,
    ]),
    ...pairs('--network', [HostConfig.NetworkMode ?? 'default']),
    ...pairs('--mount', mounts),
    ...gpus,
    ...pairs('--entrypoint', [String(Config.Entrypoint)]),
    Config.Image,
    ...Config.Cmd,
  ];
}
