#include "tests/simulation/frames.hpp"

namespace bearward::simulation {

unsigned frame::code() const {
    return payload.size() < 2 ? 0
                              : static_cast<unsigned>(static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]));
}

std::string make_frame(int opcode, std::string_view payload, bool masked, choices& random) {
    std::string text(1, static_cast<char>(0x80 | opcode));
    const int mask_bit = masked ? 0x80 : 0;
    if (payload.size() < 126) {
        text += static_cast<char>(mask_bit | static_cast<int>(payload.size()));
    } else {
        const int bytes = payload.size() < 65'536 ? 2 : 8;
        text += static_cast<char>(mask_bit | (bytes == 2 ? 126 : 127));
        for (int place = bytes - 1; place >= 0; --place) {
            text += static_cast<char>(payload.size() >> (8 * place));
        }
    }
    if (!masked) {
        return text.append(payload);
    }
    const auto key = random.next();
    for (int place = 0; place < 4; ++place) {
        text += static_cast<char>(key >> (8 * place));
    }
    for (std::size_t place = 0; place < payload.size(); ++place) {
        text += static_cast<char>(payload[place] ^ static_cast<char>(key >> (8 * (place % 4))));
    }
    return text;
}

std::string make_close(unsigned code, bool masked, choices& random) {
    const char payload[] = {static_cast<char>(code >> 8), static_cast<char>(code)};
    return make_frame(close_frame, {payload, 2}, masked, random);
}

std::optional<frame> frame_reader::take() {
    const auto at = [&](std::size_t place) { return static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[place])); };
    if (rest_.size() < 2) {
        return std::nullopt;
    }
    const int opcode = static_cast<int>(at(0) & 0x0f);
    if ((at(0) & 0x70) != 0 || (opcode != text_frame && opcode < close_frame) || opcode > pong_frame) {
        kernel_.fault("no frame where one begins");
        rest_.clear();
        return std::nullopt;
    }
    const bool masked = (at(1) & 0x80) != 0;
    std::uint64_t size = at(1) & 0x7f;
    std::size_t head = 2;
    const std::size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (rest_.size() < head + more + (masked ? 4 : 0)) {
        return std::nullopt;
    }
    if (more != 0) {
        size = 0;
        for (std::size_t place = 0; place < more; ++place) {
            size = size << 8 | at(head++);
        }
    }
    const std::string key = masked ? rest_.substr(head, 4) : std::string{};
    head += key.size();
    if (rest_.size() < head + size) {
        return std::nullopt;
    }
    frame made{opcode, masked, rest_.substr(head, size)};
    for (std::size_t place = 0; masked && place < made.payload.size(); ++place) {
        made.payload[place] ^= key[place % 4];
    }
    rest_.erase(0, head + size);
    return made;
}

task<std::optional<frame>> frame_reader::next(nanoseconds at_most) {
    while (true) {
        auto made = take();
        if (made) {
            co_return made;
        }
        const auto bytes = co_await from_.receive(at_most);
        if (bytes.empty()) {
            co_return std::nullopt;
        }
        rest_ += bytes;
    }
}

} // namespace bearward::simulation
