/** The part of the answer of `/v1/health` that is used here. Absent: not known. */
export interface Health {
  status: 'ok' | 'degraded' | 'unavailable';
  /** Absent when Redis is down; null when Kafka is. */
  freshness?: { applied: number; lag_events: number | null; lag_ms: number | null };
  lost?: number;
  ahead?: number;
  healing?: { records_left: number };
  open_dead_letters?: number;
}

/** Asks the API how it is; undefined when there is no such answer within 5 s. */
export async function readHealth(httpUrl: string): Promise<Health | undefined> {
  try {
    const response = await fetch(`${httpUrl}/v1/health`, { signal: AbortSignal.timeout(5_000) });
    // serverless-offline answers 200 with an `errorMessage` when a handler can't be loaded, so the status is not
    // enough.
    const { data } = (await response.json()) as { data?: Health };
    return data;
  } catch {
    return undefined;
  }
}
