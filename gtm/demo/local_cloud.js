/** The local cloud that serves this page. */

/** No answer, or one that is not a success; its message is for the person in front of the page. */
export class LocalCloudError extends Error {}

/**
 * @returns {Promise<{container: object, application_id: string, console: string}>} What `make demo` has applied.
 * @throws {LocalCloudError} Nothing is applied yet.
 */
export const settings = () => call("GET", "demo/settings");

/**
 * Log in at the demo's backend.
 *
 * @param {string} endpointId
 * @returns {Promise<{token: string}>} A token for that endpoint.
 */
export const logIn = (endpointId) => call("POST", "demo/login", { endpoint_id: endpointId });

/**
 * Order failures, in place of those ordered before.
 *
 * @param {...object} rules
 */
export const orderFaults = (...rules) => call("PUT", "faults", rules);

/**
 * @param {number} since Number of the first request wanted.
 * @returns {Promise<{next: number, requests: object[]}>} What Pinpoint was asked.
 */
export const pinpointRequests = (since) => call("GET", `pinpoint/requests?since=${since}`);

/**
 * @param {string} applicationId
 * @returns {Promise<Record<string, object>>} Endpoints by id.
 */
export const endpoints = (applicationId) => call("GET", `pinpoint/apps/${encodeURIComponent(applicationId)}/endpoints`);

async function call(method, path, document) {
  const body = document === undefined ? undefined : JSON.stringify(document);
  const response = await fetch(`/_local/${path}`, { method, body, headers: { "content-type": "application/json" } }).catch(
    () => {
      throw new LocalCloudError("The local cloud does not answer: is make demo still running?");
    },
  );
  const answer = await response.json();
  if (!response.ok) {
    throw new LocalCloudError(answer.message);
  }
  return answer;
}
