// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A plain binary tree over sorted pairs, layer by layer, an odd node moving up: enough for MerkleProof to verify. The
/// layout of the published trees is another one, and is tested against golden vectors.
library Tree {
    function root(bytes32[] memory leaves) internal pure returns (bytes32) {
        bytes32[] memory layer = leaves;
        while (layer.length > 1) layer = _up(layer);
        return layer[0];
    }

    function proof(bytes32[] memory leaves, uint256 index) internal pure returns (bytes32[] memory path) {
        bytes32[] memory layer = leaves;
        bytes32[] memory found = new bytes32[](64);
        uint256 n;
        while (layer.length > 1) {
            if ((index ^ 1) < layer.length) found[n++] = layer[index ^ 1];
            index /= 2;
            layer = _up(layer);
        }
        path = new bytes32[](n);
        for (uint256 i; i < n; i++) {
            path[i] = found[i];
        }
    }

    function _up(bytes32[] memory layer) private pure returns (bytes32[] memory next) {
        next = new bytes32[]((layer.length + 1) / 2);
        for (uint256 i; i < next.length; i++) {
            bytes32 a = layer[2 * i];
            if (2 * i + 1 == layer.length) next[i] = a;
            else next[i] = _pair(a, layer[2 * i + 1]);
        }
    }

    function _pair(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }
}
