"""The errors of signing and of chains; each refusal of a signature has a class and a code of its own.

ContractsError                        anything refused here
├─ DigestError                        a salt, digest or field that is not what the typed data needs
│  └─ PartiesUnsorted                 parties not strictly ascending
├─ SignatureRefused                   a signature that does not count, for one of these reasons:
│  ├─ SignatureTruncated              not 65 bytes
│  ├─ SignatureParity                 v is not 27 or 28
│  ├─ SignatureMalleable              s in the upper half of the order
│  ├─ SignatureUnrecoverable          r and s belong to no key
│  ├─ SignedForOtherChain             the party's own, for another chain id
│  ├─ SignedForOtherContract          the party's own, for another contract
│  ├─ SignatureReplayed               the party's own, for an earlier version
│  ├─ SignedByOtherParty              another signer's signature in this party's place
│  ├─ SignedByStranger                nobody's who must sign
│  ├─ SignerNotParty                  offered for an address that need not sign
│  ├─ SignerDuplicated                two signatures for one address
│  ├─ SignerKeyReplaced               by a key that another has replaced
│  ├─ SignerKeyRevoked                by a key that was revoked
│  ├─ SignerKeyCooling                by a key that does not sign yet
│  ├─ WalletRefused                   the wallet contract says that it is not its own
│  ├─ WalletReverted                  the wallet contract fails when asked
│  ├─ WalletExhausted                 the wallet contract uses more gas than it is given
│  ├─ WalletSilent                    the wallet contract gives no answer
│  ├─ WalletUndecided                 only a chain can say whether it is the wallet's
│  └─ SignatureMissing                a signer has not signed
├─ KeyChangeRefused                   a change of a signer's keys that does not count:
│  ├─ KeyChangeOutOfOrder             not numbered one more than the last
│  ├─ KeyChangeNotEntitled            by neither the signer's key nor the recovery it named
│  └─ KeyChangeUnsuitable             of a key that does not sign, or to one that may not
├─ SigningFileUnusable                no request to sign, or no signature, in a file
│  └─ SigningFileAltered              a request that does not fit what its signer reads
├─ KeystoreError                      a keystore file that cannot be used
│  ├─ KeystoreExists                  a new key would overwrite a file
│  ├─ KeystoreUnreadable              not a version 3 keystore
│  └─ KeystorePassword                the password does not open it
├─ ArtifactError                      a contract artifact that is missing or damaged
├─ DeploymentsUnreadable              a chain's record of deployments that is damaged
├─ ChainError                         the chain did not do it
│  ├─ ChainFileUnusable               the embedded chain's file is another's, damaged, or unwritable
│  ├─ ChainRewritten                  the embedded chain's file lacks a block that the log sealed
│  ├─ ChainRefused                    the chain does not take the transaction at all
│  │  ├─ NonceTaken                   another transaction of this nonce is mined, or one before is missing
│  │  ├─ FeesTooLow                   less is offered than the chain, or what is to be replaced, asks
│  │  ├─ FundsMissing                 the account cannot pay
│  │  └─ FeesAboveLimit               the chain asks more than this installation offers
│  ├─ ChainLibraryMissing             the extra for chains behind a node is not installed
│  ├─ ChainOther                      the node serves another chain
│  ├─ NodeUnreachable                 the node does not answer, or not in time
│  ├─ NodeUntrue                      the node's answers contradict each other, or cannot be read
│  ├─ TransactionSlow                 no block holds the transaction yet
│  ├─ ChainReverted                   the contract refused, with its reason
│  ├─ BlockUnknown                    no such block
│  ├─ ContractUnknown                 no code, or other code, at an address
│  └─ ContractEarlier                 a contract of an earlier release, which lacks a function
├─ SplitNotCompiled                   a document whose split the splitter's arithmetic does not reach
├─ VaultNotCompiled                   a clause that a deposit vault cannot carry out
├─ RegistryConflict                   a version already stands with other content
├─ AgreementEnded                     a version, or another end, of an agreement that all parties have ended
└─ AnchorError
   ├─ AnchorShrinks                   a log anchored at a larger size
   └─ AnchorConflict                  another root stands at this size
"""

from __future__ import annotations

from policies.errors import TallystickError


class ContractsError(TallystickError):
    """Refused on the way to a chain."""

    code = "contracts"


class DigestError(ContractsError):
    """A salt, digest or field that the typed data cannot hold."""

    code = "typed-data.invalid"


class PartiesUnsorted(DigestError):
    """Parties that are not strictly ascending by address."""

    code = "typed-data.parties-unsorted"


class SignatureRefused(ContractsError):
    """A signature that does not count."""

    code = "signature"


class SignatureTruncated(SignatureRefused):
    """Not 65 bytes."""

    code = "signature.length"


class SignatureParity(SignatureRefused):
    """A recovery byte other than 27 or 28."""

    code = "signature.parity"


class SignatureMalleable(SignatureRefused):
    """An s in the upper half of the curve's order, the twin of a signature that counts."""

    code = "signature.malleable"


class SignatureUnrecoverable(SignatureRefused):
    """Numbers from which no public key can be recovered."""

    code = "signature.unrecoverable"


class SignedForOtherChain(SignatureRefused):
    """The party's own signature, for another chain id."""

    code = "signature.other-chain"


class SignedForOtherContract(SignatureRefused):
    """The party's own signature, for another contract."""

    code = "signature.other-contract"


class SignatureReplayed(SignatureRefused):
    """The party's own signature, for an earlier version of the agreement."""

    code = "signature.replayed"


class SignedByOtherParty(SignatureRefused):
    """Another signer's signature in this party's place."""

    code = "signature.other-party"


class SignedByStranger(SignatureRefused):
    """A signature by nobody who must sign, or over other content."""

    code = "signature.stranger"


class SignerNotParty(SignatureRefused):
    """A signature offered for an address that need not sign."""

    code = "signature.not-a-party"


class SignerDuplicated(SignatureRefused):
    """Two signatures for one address."""

    code = "signature.duplicate"


class SignatureMissing(SignatureRefused):
    """A signer who has not signed."""

    code = "signature.missing"


class SignerKeyReplaced(SignatureRefused):
    """By a key of the signer's that another has replaced since."""

    code = "signature.key-replaced"


class SignerKeyRevoked(SignatureRefused):
    """By a key that was revoked, or for a signer whose key was and who has no other yet."""

    code = "signature.key-revoked"


class SignerKeyCooling(SignatureRefused):
    """By a key that is to replace the signer's and is still in its cooling-off."""

    code = "signature.key-cooling"


class WalletRefused(SignatureRefused):
    """The wallet contract says that the signature is not its own."""

    code = "signature.wallet-refused"


class WalletReverted(SignatureRefused):
    """The wallet contract fails when it is asked."""

    code = "signature.wallet-reverted"


class WalletExhausted(SignatureRefused):
    """The wallet contract uses more gas than it is given to answer."""

    code = "signature.wallet-gas"


class WalletSilent(SignatureRefused):
    """The wallet contract answers less than a word."""

    code = "signature.wallet-silent"


class WalletUndecided(SignatureRefused):
    """A wallet contract's signature where no chain is asked: nothing else can say whether it counts."""

    code = "signature.wallet-undecided"


class KeyChangeRefused(ContractsError):
    """A change of a signer's keys that does not count."""

    code = "key-change"


class KeyChangeOutOfOrder(KeyChangeRefused):
    """Not numbered one more than the signer's last change."""

    code = "key-change.number"


class KeyChangeNotEntitled(KeyChangeRefused):
    """Made by neither the signer's key nor the recovery that it named."""

    code = "key-change.not-entitled"


class KeyChangeUnsuitable(KeyChangeRefused):
    """Of a key that does not sign for the signer, or to one that may not."""

    code = "key-change.unsuitable"


class SigningFileUnusable(ContractsError):
    """A file that holds no request to sign, or no signature, of this release's formats."""

    code = "signing-file.unusable"


class SigningFileAltered(SigningFileUnusable):
    """A request with a field that is not what the document or file says that its signer reads."""

    code = "signing-file.altered"


class KeystoreError(ContractsError):
    """A keystore file that cannot be used."""

    code = "keystore"


class KeystoreExists(KeystoreError):
    """A new key would overwrite a file."""

    code = "keystore.exists"


class KeystoreUnreadable(KeystoreError):
    """Not a version 3 keystore file."""

    code = "keystore.unreadable"


class KeystorePassword(KeystoreError):
    """The password does not open the file."""

    code = "keystore.password"


class ArtifactError(ContractsError):
    """A contract artifact that is missing or damaged."""

    code = "artifact.unusable"


class DeploymentsUnreadable(ContractsError):
    """A chain's record of deployments that is damaged, or of another chain."""

    code = "deployments.unreadable"


class ChainError(ContractsError):
    """The chain did not do it."""

    code = "chain"


class ChainFileUnusable(ChainError):
    """The embedded chain's file is another program's, damaged, or cannot be written."""

    code = "chain.file"


class ChainRewritten(ChainError):
    """The embedded chain's file no longer holds a block that an entry of the log sealed."""

    code = "chain.rewritten"


class ChainRefused(ChainError):
    """The chain does not take the transaction: it is too large, or costs more than a block allows."""

    code = "chain.refused"


class NonceTaken(ChainRefused):
    """Another transaction of this account has this nonce, or one before it is missing."""

    code = "chain.nonce"


class FeesTooLow(ChainRefused):
    """The transaction offers less than the chain asks, or than the one that it would replace."""

    code = "chain.fees"


class FundsMissing(ChainRefused):
    """The account cannot pay for the transaction; `data` holds its `address` and `balance` in wei."""

    code = "chain.funds"


class FeesAboveLimit(ChainRefused):
    """The chain asks more a unit of gas than this installation offers."""

    code = "chain.fees-above-limit"


class ChainLibraryMissing(ChainError):
    """The extra `evm`, by which a node is asked, is not installed."""

    code = "chain.library-missing"


class ChainOther(ChainError):
    """The node serves another chain than the one that was named; `data` holds its `chain_id`."""

    code = "chain.other-id"


class NodeUnreachable(ChainError):
    """The node does not answer, not in time, or with an error of its own, however often it was asked."""

    code = "chain.unreachable"


class NodeUntrue(ChainError):
    """The node's answers contradict each other or what was asked, or cannot be read."""

    code = "chain.untrue"


class TransactionSlow(ChainError):
    """No block holds the transaction yet; `data` holds its hash, `transaction`."""

    code = "chain.slow"


class ChainReverted(ChainError):
    """The contract refused; `data` holds its `reason` and, if it was mined, the `transaction`."""

    code = "chain.reverted"


class BlockUnknown(ChainError):
    """The chain has no such block."""

    code = "chain.block-unknown"


class ContractUnknown(ChainError):
    """No code, or code that this release does not know, at an address."""

    code = "chain.contract-unknown"


class ContractEarlier(ChainError):
    """A contract of an earlier release, which lacks the function asked for."""

    code = "chain.contract-earlier"


class SplitNotCompiled(ContractsError):
    """A document whose split the splitter's arithmetic does not reach; `zh` is the reason in Chinese."""

    code = "splitter.not-compiled"


class VaultNotCompiled(ContractsError):
    """A clause that a deposit vault cannot carry out; `zh` is the reason in Chinese."""

    code = "vault.not-compiled"


class RegistryConflict(ContractsError):
    """The version already stands in the registry with other content."""

    code = "registry.conflict"


class AgreementEnded(ContractsError):
    """All parties have ended the agreement; nothing follows."""

    code = "registry.ended"


class AnchorError(ContractsError):
    """A checkpoint that cannot be anchored."""

    code = "anchor"


class AnchorShrinks(AnchorError):
    """The log is anchored at a larger size already."""

    code = "anchor.smaller"


class AnchorConflict(AnchorError):
    """Another root stands at this size."""

    code = "anchor.other-root"
