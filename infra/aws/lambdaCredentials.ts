/**
 * Takes the place of `@aws-sdk/credential-provider-node` in the bundles. Lambda gives a function its role's credentials in the
 * environment, which that package asks first; the other places it would ask (files, single sign-on, the metadata service of EC2,
 * with a client for each) are 100 kB that every cold start would read and none could use.
 */
export const defaultProvider = () => async () => {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;
  if (!accessKeyId || !secretAccessKey) throw new Error('Lambda gave no credentials');
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
};
