#include "policies/date_text.hpp"

#include "policies/ascii.hpp"

#include <cstdint>

namespace bearward::policies {
namespace {

using namespace std::chrono;

constexpr time_point first_time{sys_days{year{0} / January / 1}};
constexpr time_point end_time{sys_days{year{10'000} / January / 1}};

void append_digits(std::string& out, std::int64_t value, std::size_t width) {
    const std::string digits = std::to_string(value);
    out.append(width > digits.size() ? width - digits.size() : 0, '0').append(digits);
}

/// Takes pieces off the front of a text; after the first that isn't there, all is lost.
class reader {
public:
    explicit reader(std::string_view text) : rest_(text) {}

    /// Exactly so many digits.
    int number(std::size_t digits) noexcept {
        int value = 0;
        for (std::size_t at = 0; at < digits; ++at) {
            if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') {
                good_ = false;
                return 0;
            }
            value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return value;
    }

    bool accept(char wanted, char other) noexcept {
        if (rest_.empty() || (rest_.front() != wanted && rest_.front() != other)) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }

    void expect(char wanted, char other) noexcept { good_ = accept(wanted, other) && good_; }
    void expect(char wanted) noexcept { expect(wanted, wanted); }

    [[nodiscard]] bool at_digit() const noexcept { return !rest_.empty() && is_digit(rest_.front()); }
    [[nodiscard]] bool finished() const noexcept { return good_ && rest_.empty(); }

private:
    std::string_view rest_;
    bool good_ = true;
};

milliseconds read_fraction(reader& in) noexcept {
    milliseconds value{0};
    milliseconds unit{100};
    value += in.number(1) * unit;
    while (in.at_digit()) {
        unit /= 10;
        value += in.number(1) * unit;
    }
    return value;
}

} // namespace

std::string to_rfc3339(time_point time) {
    if (time < first_time || time >= end_time) {
        return std::to_string(floor<seconds>(time).time_since_epoch().count());
    }
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    std::string out;
    append_digits(out, static_cast<int>(date.year()), 4);
    append_digits(out += '-', static_cast<unsigned>(date.month()), 2);
    append_digits(out += '-', static_cast<unsigned>(date.day()), 2);
    append_digits(out += 'T', clock.hours().count(), 2);
    append_digits(out += ':', clock.minutes().count(), 2);
    append_digits(out += ':', clock.seconds().count(), 2);
    if (clock.subseconds().count() != 0) {
        append_digits(out += '.', clock.subseconds().count(), 3);
    }
    return out += 'Z';
}

std::optional<time_point> parse_rfc3339(std::string_view text) noexcept {
    reader in(text);
    const year y{in.number(4)};
    in.expect('-');
    const month m{static_cast<unsigned>(in.number(2))};
    in.expect('-');
    const year_month_day date{y / m / day{static_cast<unsigned>(in.number(2))}};
    in.expect('T', 't');
    const int hour = in.number(2);
    in.expect(':');
    const int minute = in.number(2);
    in.expect(':');
    const int second = in.number(2);
    const milliseconds fraction = in.accept('.', '.') ? read_fraction(in) : milliseconds{0};
    minutes offset{0};
    if (!in.accept('Z', 'z')) {
        const bool west = in.accept('-', '-');
        if (!west) {
            in.expect('+');
        }
        const int offset_hours = in.number(2);
        in.expect(':');
        const int offset_minutes = in.number(2);
        if (offset_hours > 23 || offset_minutes > 59) {
            return std::nullopt;
        }
        offset = (west ? -1 : 1) * (hours{offset_hours} + minutes{offset_minutes});
    }
    if (!in.finished() || !date.ok() || hour > 23 || minute > 59 || second > 60) {
        return std::nullopt;
    }
    return time_point(sys_days{date}) + hours{hour} + minutes{minute} + seconds{second} + fraction - offset;
}

} // namespace bearward::policies
