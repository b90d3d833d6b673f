/** The installation's admin key of `npm start`. No deployment accepts it. */
export const LAPTOP_ADMIN_KEY = 'footfall-admin-key';
