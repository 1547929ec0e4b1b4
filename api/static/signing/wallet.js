// Browser wallets: found by EIP-6963 or as `window.ethereum` (EIP-1193), asked to sign EIP-712 typed data.
import { Refused, checksummed, sameAddress } from "./bytes.js";

const DECLINED = 4001;

// Call `found` with every wallet that makes itself known, each once: { name, provider }.
export function discover(found) {
  const known = new Set();
  const add = (name, provider) => {
    if (typeof provider?.request !== "function" || known.has(provider)) return;
    known.add(provider);
    found({ name, provider });
  };
  globalThis.addEventListener("eip6963:announceProvider", ({ detail }) => add(String(detail?.info?.name ?? ""), detail?.provider));
  globalThis.dispatchEvent(new Event("eip6963:requestProvider"));
  setTimeout(() => known.size || add("", globalThis.ethereum), 300);
}

async function ask(provider, method, params) {
  try {
    return await provider.request(params === undefined ? { method } : { method, params });
  } catch (fault) {
    if (fault?.code === DECLINED) throw new Refused("wallet-declined");
    throw new Refused("wallet-failed", { what: String(fault?.message ?? fault) });
  }
}

const listed = (addresses) => addresses.map(checksummed).join(", ") || "—";

// Whether the wallet is, or lets itself be put, on the chain that the request counts for.
async function onChain(provider, chainId) {
  const wanted = `0x${BigInt(chainId).toString(16)}`;
  const now = async () => BigInt(await ask(provider, "eth_chainId"));
  if ((await now()) === BigInt(chainId)) return { same: true };
  try {
    await ask(provider, "wallet_switchEthereumChain", [{ chainId: wanted }]);
  } catch (fault) {
    if (fault.why === "wallet-declined") throw fault;
  }
  const after = await now();
  return { same: after === BigInt(chainId), has: String(after) };
}

// Have a wallet sign a request with the account of one of some addresses. Some wallets refuse what counts for another chain than
// they are on, some do not: it is asked all the same, and only its refusal is put down to the chain.
export async function signedByWallet(provider, request, addresses) {
  const accounts = await ask(provider, "eth_requestAccounts");
  const account = accounts.find((one) => addresses.some((address) => sameAddress(one, address)));
  if (account === undefined) {
    throw new Refused("wallet-other-account", { has: listed(accounts), wants: listed(addresses) });
  }
  const chain = await onChain(provider, request.domain.chainId);
  try {
    return await ask(provider, "eth_signTypedData_v4", [account, JSON.stringify(request)]);
  } catch (fault) {
    if (chain.same || fault.why === "wallet-declined") throw fault;
    throw new Refused("wallet-other-chain", { has: chain.has, wants: String(request.domain.chainId) });
  }
}
