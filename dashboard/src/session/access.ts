import { errorOf, request } from '../api/client.ts';
import type { Access } from './session.ts';

/** What the key is, and which sites it reads. @throws ApiError */
export async function readAccess(): Promise<Access> {
  const response = await request(`${location.origin}/v1/access`);
  if (!response.ok) throw await errorOf(response);
  return ((await response.json()) as { data: Access }).data;
}
