import { countryOf, type Fields, firstOf, objectOf, textOf } from '../common/convert-values.ts';
import type { EventDraft } from '../common/event-draft.ts';

const MAX_ADDRESS = 2_000;

/**
 * Adds page, traffic source, country and device from `context` (Segment, "Spec: Common fields"). Drops the
 * rest of it; never keeps `ip`.
 * @param page properties of a page call, which take precedence.
 */
export function addContext(draft: EventDraft, context: Fields, page: Fields): void {
  const here = objectOf(context.page);
  const address = firstOf(page, ['url']) ?? firstOf(here, ['url']) ?? firstOf(page, ['path']);
  draft.set('page', textOf(address?.[1] ?? here.path, MAX_ADDRESS), 'context.page.url');
  const referrer = firstOf(page, ['referrer']) ?? firstOf(here, ['referrer']);
  const before = referrer?.[1] ?? objectOf(context.referrer).url;
  draft.set('referrer', textOf(before, MAX_ADDRESS), 'context.page.referrer');
  const campaign = objectOf(context.campaign);
  draft.set('source', textOf(campaign.source, 200), 'context.campaign.source');
  draft.set('medium', textOf(campaign.medium, 200), 'context.campaign.medium');
  draft.set('campaign', textOf(campaign.name, 200), 'context.campaign.name');
  draft.set('country', countryOf(objectOf(context.location).country), 'context.location.country');
  draft.set('os', textOf(objectOf(context.os).name, 100), 'context.os.name');
  draft.set('device', deviceOf(objectOf(context.device)), 'context.device.type');
}

/** Mobile libraries name the system as the type; an iPad shows only in its model. */
function deviceOf({ type, model }: Fields): string | undefined {
  if (type === 'ios' || type === 'android' || type === 'phone') {
    return typeof model === 'string' && model.startsWith('iPad') ? 'tablet' : 'mobile';
  }
  return textOf(type, 100);
}
