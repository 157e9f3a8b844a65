import { listening } from '../../../../support/listening.ts';
import { type City, type CityOptions, openCity } from './city.ts';

export const serveCity = async (options: CityOptions = {}): Promise<City & { readonly url: string }> => {
  const { url, serve, close } = await listening();
  const city = await openCity({ ...options, url });
  serve((request) => city.app.fetch(request));
  return {
    ...city,
    url,
    close: async () => {
      await close();
      await city.close();
    },
  };
};
