// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Leaf
/// @notice What a payee proves: "this ledger, on this chain, owes this account this much in all".
/// @dev Hashed twice as OpenZeppelin's standard tree does, so that no inner node can be read as a leaf. Chain and ledger are
/// part of the leaf, so a proof is worth nothing anywhere else.
library Leaf {
    /// keccak256("attrib.ledger.leaf.v1")
    bytes32 internal constant DOMAIN = keccak256("attrib.ledger.leaf.v1");

    /// @param chainId chain the ledger lives on
    /// @param ledger address of the ledger
    /// @param account payee
    /// @param cumulativeAmount everything ever owed to the payee, in base units, claimed or not
    function hash(uint256 chainId, address ledger, address account, uint256 cumulativeAmount)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(bytes.concat(keccak256(abi.encode(DOMAIN, chainId, ledger, account, cumulativeAmount))));
    }
}
