/** Invokes a function in this process as the Kafka event source does, and reports an error as Lambda reports it. */
export const invokeInProcess =
  <T>(handler: (event: T) => Promise<unknown>) =>
  async (payload: string) => {
    try {
      await handler(JSON.parse(payload));
      return { statusCode: 200, payload: null };
    } catch (error) {
      return { statusCode: 200, functionError: 'Unhandled', payload: { errorMessage: String(error) } };
    }
  };
