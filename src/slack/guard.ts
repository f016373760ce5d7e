// The one wrapper around every listener: acknowledges in time whatever happens, words refusals and outages, and counts what is under way.
import { admit } from '../app/admit.ts';
import type { App } from '../app/app.ts';
import { isOutage } from '../app/take-delivery.ts';
import { refuse, RefusalError } from '../domain/refusal.ts';
import { createRate } from './rate.ts';
import type { Message } from './views/blocks.ts';
import { commandNamed } from './views/command-name.ts';
import { plain } from './views/answer.ts';
import { incidentWords, OUTAGE } from './words/help.ts';
import { refusalWords } from './words/refusals.ts';

/** One delivery from Slack. */
export interface Turn {
  readonly user: string;
  /** Acknowledges it, with a private answer where the kind of delivery can carry one; else the answer is sent separately. */
  ack(message?: Message): Promise<void>;
  /** A private answer after the acknowledgement. Throws when Slack does not take it. */
  reply(message: Message): Promise<void>;
}

/** A delivery whose acknowledgement carries no answer: it follows separately. */
export function separateTurn(user: string, acknowledge: () => Promise<void>, reply: Turn['reply']): Turn {
  return {
    user,
    reply,
    ack: async (message) => {
      await acknowledge();
      if (message !== undefined) await reply(message);
    },
  };
}

/** Slack gives up after 3 s; what has to happen before the acknowledgement gets this long. */
const BEFORE_ACK_MS = 2300;
/** Longest time that performing a delivery waits for others to be acknowledged. */
const AFTER_ACKS_MS = 250;

class TookTooLong extends Error {}

export interface Guard {
  /** Runs `work` for an admitted member. Never throws. */
  run(turn: Turn, work: (guarded: GuardedTurn) => Promise<void>): Promise<void>;
  /** Resolves when nothing is under way, or after `timeoutMs`. */
  drained(timeoutMs: number): Promise<void>;
}

export interface GuardedTurn extends Turn {
  /** Resolves when no delivery waits for its acknowledgement any more, or after a moment: what can wait lets them go first. */
  afterAcks(): Promise<void>;
  /** Bounds what has to happen before the acknowledgement; rejects with TookTooLong. */
  inTime<T>(work: Promise<T>): Promise<T>;
  /** Null when it takes longer than `withinMs`, or than may pass before the acknowledgement; the work goes on all the same. */
  ifInTime<T>(work: Promise<T>, withinMs: number): Promise<{ readonly value: T } | null>;
  readonly member: Awaited<ReturnType<typeof admit>>;
}

/** `command`: what the slash command is called here. */
export function createGuard(app: App, command: string): Guard {
  const underWay = new Set<Promise<void>>();
  const unacknowledged = createGate();
  const mayAct = createRate(app.ticks);

  async function handle(from: Turn, work: (guarded: GuardedTurn) => Promise<void>): Promise<void> {
    const turn = namingCommand(from, command);
    const started = app.ticks.milliseconds();
    let acked = false;
    const leave = unacknowledged.enter();
    let zone = 'UTC';
    const ack = async (message?: Message) => {
      if (acked) return;
      acked = true;
      leave();
      try {
        await turn.ack(message);
      } catch (error) {
        // A socket may be gone by now. What was noted down is done all the same, and an answer goes the other way.
        app.log.warn({ err: error }, 'a delivery could not be acknowledged');
        if (message !== undefined) await turn.reply(message);
      }
    };
    const left = () => BEFORE_ACK_MS - (app.ticks.milliseconds() - started);
    const inTime = <T>(promise: Promise<T>) => bounded(promise, left());
    const ifInTime = async <T>(promise: Promise<T>, withinMs: number) => {
      try {
        return { value: await bounded(promise, Math.min(withinMs, left())) };
      } catch (error) {
        if (error instanceof TookTooLong) return null;
        throw error;
      }
    };
    try {
      const member = await inTime(admit(app, turn.user));
      const { actionsPerMinute } = (await inTime(app.remembered.policy())).policy;
      if (!mayAct(member.slackUser, actionsPerMinute)) refuse({ code: 'too_fast', perMinute: actionsPerMinute });
      zone = member.zone;
      await work({
        user: turn.user,
        ack,
        reply: (message) => turn.reply(message),
        afterAcks: () => unacknowledged.empty(AFTER_ACKS_MS),
        inTime,
        ifInTime,
        member,
      });
    } catch (error) {
      const words = wordsFor(error, zone);
      await (acked ? turn.reply(plain(words)) : ack(plain(words))).catch((failure: unknown) =>
        app.log.error({ err: failure }, 'an answer could not be given'),
      );
    } finally {
      await ack();
    }
  }

  function wordsFor(error: unknown, zone: string): string {
    if (error instanceof RefusalError) return refusalWords(error.refusal, zone);
    if (error instanceof TookTooLong || isOutage(error)) {
      app.log.error({ err: error }, 'the database did not answer');
      return OUTAGE;
    }
    const incident = app.ids.uuid().slice(0, 8);
    app.log.error({ err: error, incident }, 'a listener failed');
    return incidentWords(incident);
  }

  return {
    run: async (turn, work) => {
      const running = handle(turn, work);
      underWay.add(running);
      await running.finally(() => underWay.delete(running));
    },
    drained: async (timeoutMs) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
      await Promise.race([Promise.allSettled(underWay), late]);
      clearTimeout(timer);
    },
  };
}

function namingCommand(turn: Turn, command: string): Turn {
  return {
    user: turn.user,
    ack: (message) => turn.ack(message === undefined ? undefined : commandNamed(message, command)),
    reply: (message) => turn.reply(commandNamed(message, command)),
  };
}

/** Counts who is inside; resolves for those who wait until nobody is. */
function createGate() {
  let inside = 0;
  let waiting: (() => void)[] = [];
  return {
    /** Returns how to leave. */
    enter: () => {
      inside++;
      return () => {
        inside--;
        if (inside > 0) return;
        for (const go of waiting) go();
        waiting = [];
      };
    },
    empty: async (timeoutMs: number) => {
      if (inside === 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    },
  };
}

async function bounded<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TookTooLong('no answer within the time Slack allows')), Math.max(0, timeoutMs));
  });
  // Whatever it ends with after the deadline has been told already.
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
