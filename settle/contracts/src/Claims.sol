// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {Epochs} from "./Epochs.sol";
import {Leaf} from "./Leaf.sol";

/// @title Claims
/// @notice What a payee is owed in all, less what was paid, whenever he or anybody else brings the proof. Nothing pauses this.
/// @dev Amounts are cumulative, so a payee who misses epochs loses nothing, a repeated claim pays nothing, and a proof against
/// an earlier root no longer verifies. Each claim pays one account: a payee who cannot be paid hinders himself only.
abstract contract Claims is Epochs, EIP712, Nonces {
    /// @notice EIP-712 type of the authorisation that {claimTo} takes.
    bytes32 public constant CLAIM_TO_TYPEHASH =
        keccak256("ClaimTo(address account,address recipient,uint256 cumulativeAmount,uint256 nonce,uint256 deadline)");

    /// @notice Everything ever paid on behalf of an account.
    mapping(address account => uint256) public claimed;

    event Claimed(address indexed account, address indexed recipient, uint256 amount, uint256 cumulativeAmount);

    error InvalidProof(address account, uint256 cumulativeAmount);
    error NothingToClaim(address account, uint256 cumulativeAmount, uint256 claimed);
    error TotalExceeded(uint256 claimedTotal, uint256 cumulativeTotal);
    error DeadlinePassed(uint256 deadline, uint256 time);
    error InvalidSignature(address account);

    constructor() EIP712("attrib ledger", "1") {}

    /// @notice Pay `account` what it is owed. Anyone may call; only the account is ever paid.
    /// @return paid what was paid now
    function claim(address account, uint256 cumulativeAmount, bytes32[] calldata proof)
        external
        nonReentrant
        returns (uint256 paid)
    {
        return _claim(account, account, cumulativeAmount, proof);
    }

    /// @notice Pay what `account` is owed to `recipient`, authorised by the account's EIP-712 signature (or ERC-1271).
    /// @dev The account itself needs no signature; `signature` is then ignored and no nonce used.
    function claimTo(
        address account,
        address recipient,
        uint256 cumulativeAmount,
        bytes32[] calldata proof,
        uint256 deadline,
        bytes calldata signature
    ) external nonReentrant returns (uint256 paid) {
        if (block.timestamp > deadline) revert DeadlinePassed(deadline, block.timestamp);
        if (msg.sender != account) {
            bytes32 digest = hashClaimTo(account, recipient, cumulativeAmount, _useNonce(account), deadline);
            if (!SignatureChecker.isValidSignatureNowCalldata(account, digest, signature)) {
                revert InvalidSignature(account);
            }
        }
        return _claim(account, recipient, cumulativeAmount, proof);
    }

    /// @notice Make the sender's outstanding authorisations worthless.
    /// @return used the nonce that can no longer be used
    function cancelAuthorisation() external returns (uint256 used) {
        return _useNonce(msg.sender);
    }

    /// @notice EIP-712 digest to sign for {claimTo}.
    function hashClaimTo(address account, address recipient, uint256 cumulativeAmount, uint256 nonce, uint256 deadline)
        public
        view
        returns (bytes32)
    {
        return _hashTypedDataV4(
            keccak256(abi.encode(CLAIM_TO_TYPEHASH, account, recipient, cumulativeAmount, nonce, deadline))
        );
    }

    /// @notice Leaf of the tree for an account and an amount.
    function leafOf(address account, uint256 cumulativeAmount) public view returns (bytes32) {
        return Leaf.hash(block.chainid, address(this), account, cumulativeAmount);
    }

    function _claim(address account, address recipient, uint256 cumulativeAmount, bytes32[] calldata proof)
        private
        returns (uint256 paid)
    {
        if (!MerkleProof.verifyCalldata(proof, root, leafOf(account, cumulativeAmount))) {
            revert InvalidProof(account, cumulativeAmount);
        }
        uint256 before = claimed[account];
        if (cumulativeAmount <= before) revert NothingToClaim(account, cumulativeAmount, before);
        paid = cumulativeAmount - before;
        _book(paid);
        claimed[account] = cumulativeAmount;
        emit Claimed(account, recipient, paid, cumulativeAmount);
        _pay(recipient, paid);
    }

    /// @dev A root whose leaves sum to more than its total cannot reach undistributed deposits, stakes or bonds.
    function _book(uint256 paid) private {
        uint256 total = totalClaimed + paid;
        if (total > cumulativeTotal) revert TotalExceeded(total, cumulativeTotal);
        // Cannot truncate: total is at most cumulativeTotal, which is a uint128.
        // forge-lint: disable-next-line(unsafe-typecast)
        totalClaimed = uint128(total);
    }
}
