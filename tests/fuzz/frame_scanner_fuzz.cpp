// The frame scanner must find the same boundaries as a byte-by-byte reading of
// RFC 6455 section 5.2, however the stream is cut.
#include "proxy/websocket/frame_scanner.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace {

using bearward::proxy::websocket::frame_scanner;

/// After how many bytes a frame ends, and where a Close frame begins.
struct marks {
    std::vector<bool> boundary;
    std::vector<bool> closed;
};

marks read_naively(std::string_view stream) {
    marks found;
    std::vector<unsigned char> header;
    std::uint64_t left = 0;
    bool closed = false;
    found.boundary.push_back(true);
    found.closed.push_back(false);
    for (const char c : stream) {
        if (left > 0) {
            --left;
        } else {
            header.push_back(static_cast<unsigned char>(c));
            closed = closed || (header.size() == 1 && (header[0] & 0x0FU) == 8);
            if (header.size() >= 2) {
                const unsigned length = header[1] & 0x7FU;
                const std::size_t extra = length == 126 ? 2 : length == 127 ? 8 : 0;
                if (header.size() == 2 + extra + ((header[1] & 0x80U) != 0 ? 4 : 0)) {
                    left = extra == 0 ? length : 0;
                    for (std::size_t index = 0; index < extra; ++index) {
                        left = left * 256 + header[2 + index];
                    }
                    header.clear();
                }
            }
        }
        found.boundary.push_back(header.empty() && left == 0);
        found.closed.push_back(closed);
    }
    return found;
}

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

std::size_t find_boundary(const marks& expected, std::size_t from) {
    std::size_t at = from;
    while (at + 1 < expected.boundary.size() && !expected.boundary[at]) {
        ++at;
    }
    return at - from;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 4) {
        return 0;
    }
    std::uint32_t state = 1U + data[0] + 256U * data[1] + 65536U * data[2] + 16777216U * data[3];
    const std::string_view stream{reinterpret_cast<const char*>(data) + 4, size - 4};
    const marks expected = read_naively(stream);
    frame_scanner scanner;
    std::size_t at = 0;
    while (true) {
        require(scanner.at_boundary() == expected.boundary[at]);
        require(scanner.close_seen() == expected.closed[at]);
        require(scanner.until_boundary(stream.substr(at)) == find_boundary(expected, at));
        if (at == stream.size()) {
            return 0;
        }
        state = state * 1664525U + 1013904223U; // the pieces' lengths (Numerical Recipes)
        const std::size_t piece = 1 + (state >> 16U) % ((state & 0x100U) != 0 ? 8U : 400U);
        scanner.scan(stream.substr(at, piece));
        at += std::min(piece, stream.size() - at);
    }
}
