// Credential brokers that are functions.

import { types } from 'node:util';

import { written } from './document';
import { native, type ReplyHandle } from './native';

/** What a broker is asked. */
export interface BrokerRequest {
  /** Name of the tool. */
  readonly tool_name: string;
  /** For whom. */
  readonly identity: string;
  /** Where the agent works. */
  readonly workspace: string;
  /** Session. */
  readonly session_id: string;
  /** Request. */
  readonly request_id: string;
  /** Run. */
  readonly run_id: string;
  /** Job. */
  readonly job_id: string;
  /** Which credential is meant. */
  readonly reference: string;
  /** What it must be good for. */
  readonly scope: readonly string[];
  /** Digest of the targets it is for. */
  readonly target_binding: string;
}

/** What a broker answers: references and bindings, never the secret itself. */
export interface BrokerResponse {
  /** Reference of the credential. */
  credential_ref: string;
  /** Who issued it. */
  issued_by?: string;
  /** Where it comes from. */
  source?: string;
  /** Kind of access it gives. */
  access_type?: string;
  /** Who stands behind it. */
  issuer?: string;
  /** Whom it names. */
  subject?: string;
  /** Who owns it. */
  owner?: string;
  /** What it is good for; the scope that was asked for by default. */
  scope?: readonly string[];
  /** Digest of the targets it is bound to; those of the request by default. */
  target_binding?: string;
  /** Run it is bound to; that of the request by default. */
  run_binding?: string;
  /** Job it is bound to; that of the request by default. */
  job_binding?: string;
  /** Digest of the request it answers. */
  request_digest?: string;
  /** When it was issued, RFC 3339. */
  issued_at?: string;
  /** When it ends, RFC 3339. */
  expires_at?: string;
  /** Its life in seconds. */
  ttl_seconds?: number;
}

/**
 * Issues a credential for a call. Throwing, rejecting and an answer that cannot be used are failures to issue: the call is
 * blocked. `evaluate` cannot wait for a promise and takes one for a failure; `evaluateAsync` waits, for 30 seconds at most.
 */
export type Broker = (request: BrokerRequest) => BrokerResponse | Promise<BrokerResponse>;

/** @internal A broker as the native half asks it. */
export interface Asked {
  here(request: string): string | null;
  there(request: string, reply: ReplyHandle): void;
}

/** @internal The broker as the native half asks it. */
export function asked(broker: Broker): Asked {
  return {
    here(request) {
      try {
        const answer: unknown = broker(requestOf(request));
        if (!types.isPromise(answer)) return answerText(answer);
        // Nobody waits for it, so nobody must hear of its failure either.
        answer.catch(() => undefined);
        return null;
      } catch {
        return null;
      }
    },
    there(request, reply) {
      const issued = (async () => answerText(await broker(requestOf(request))))();
      issued.catch(() => null).then((answer) => native.brokerReply(reply, answer));
    },
  };
}

function requestOf(request: string): BrokerRequest {
  return JSON.parse(request) as BrokerRequest;
}

/** Texts are answers, too: those of programs are. */
function answerText(answer: unknown): string {
  const { bytes, start, end } = written(answer, 'broker answer');
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}
