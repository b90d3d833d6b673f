import { breakdownQuestion } from './breakdowns.ts';
import { cartsQuestion } from './carts.ts';
import { cartsDailyQuestion } from './carts-daily.ts';
import { customerCohortsQuestion } from './customer-cohorts.ts';
import { customersQuestion } from './customers.ts';
import { eventsQuestion } from './events.ts';
import { funnelQuestion, funnelsQuestion } from './funnels.ts';
import { interactionsQuestion } from './interactions.ts';
import { ledgerQuestion } from './ledger.ts';
import { liveQuestion } from './live.ts';
import { newestQuestion } from './newest.ts';
import { orderQuestion } from './order.ts';
import { ordersQuestion } from './orders.ts';
import { originalQuestions } from './original-paths.ts';
import { overviewQuestion } from './overview.ts';
import { productQuestion } from './product.ts';
import { productsQuestion } from './products.ts';
import { qualityQuestion } from './quality.ts';
import type { Question } from './question.ts';
import { revenueQuestion } from './revenue.ts';
import { searchQuestion } from './search.ts';
import { seriesQuestion } from './series.ts';
import { sessionsQuestion } from './sessions.ts';
import { trendingQuestion } from './trending.ts';
import { uniqueUsersQuestion } from './unique-users.ts';
import { userQuestion } from './user.ts';
import { retentionQuestion } from './user-retention.ts';
import { weekdayHourQuestion } from './weekday-hour.ts';

/** Every question that the API answers, in the order of the OpenAPI document. */
export const questions: readonly Question[] = [
  overviewQuestion,
  seriesQuestion,
  weekdayHourQuestion,
  eventsQuestion,
  breakdownQuestion,
  productsQuestion,
  productQuestion,
  revenueQuestion,
  ordersQuestion,
  orderQuestion,
  sessionsQuestion,
  uniqueUsersQuestion,
  retentionQuestion,
  customersQuestion,
  customerCohortsQuestion,
  funnelsQuestion,
  funnelQuestion,
  cartsQuestion,
  cartsDailyQuestion,
  liveQuestion,
  newestQuestion,
  searchQuestion,
  trendingQuestion,
  qualityQuestion,
  ledgerQuestion,
  userQuestion,
  interactionsQuestion,
  ...originalQuestions,
];
