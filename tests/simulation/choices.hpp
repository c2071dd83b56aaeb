// Where everything that happens by chance comes from. The same seed makes the same choices;
// libFuzzer may make them instead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace bearward::simulation {

class choices {
public:
    explicit choices(std::uint64_t seed) noexcept : state_(seed * 0x9e3779b97f4a7c15ULL + 0x2545f4914f6cdd1dULL) {}
    /// Takes bytes as long as there are some; `seed` decides the rest.
    choices(std::span<const std::uint8_t> bytes, std::uint64_t seed)
        : state_(seed), bytes_(std::make_shared<std::span<const std::uint8_t>>(bytes)) {}

    /// Choices of its own for one actor: what others do does not change them.
    [[nodiscard]] choices fork(std::uint64_t number) const {
        choices other(state_ ^ (number * 0xd1342543de82ef95ULL));
        other.bytes_ = bytes_;
        return other;
    }

    [[nodiscard]] std::uint64_t next() noexcept {
        // SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
        state_ += 0x9e3779b97f4a7c15ULL;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }
    /// 0 to limit - 1; 0 when the limit is 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t limit) noexcept {
        if (limit < 2) {
            return 0;
        }
        if (bytes_ && !bytes_->empty()) {
            std::uint64_t value = 0;
            for (std::uint64_t range = limit - 1; range != 0 && !bytes_->empty(); range >>= 8) {
                value = value << 8 | bytes_->front();
                *bytes_ = bytes_->subspan(1);
            }
            return value % limit;
        }
        return next() % limit;
    }
    /// Both included.
    [[nodiscard]] std::uint64_t between(std::uint64_t least, std::uint64_t most) noexcept { return least + below(most - least + 1); }
    [[nodiscard]] bool percent(unsigned chance) noexcept { return below(100) < chance; }
    [[nodiscard]] bool one_in(std::uint64_t chance) noexcept { return below(chance) == 0; }
    template <class Value, std::size_t Count>
    [[nodiscard]] const Value& one_of(const Value (&values)[Count]) noexcept {
        return values[below(Count)];
    }

private:
    std::uint64_t state_;
    std::shared_ptr<std::span<const std::uint8_t>> bytes_; ///< null: none; shared by all forks
};

} // namespace bearward::simulation
