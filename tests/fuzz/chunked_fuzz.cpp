// A chunked body decodes to the same bytes however it is cut; what was decoded
// and encoded again decodes to itself. The first byte says how long the parts are.
#include "proxy/http/chunk_decoder.hpp"
#include "tests/fuzz/http_fuzz.hpp"

#include <algorithm>

using namespace bearward;
using fuzz::demand;
using proxy::http::chunk_decoder;
using state = chunk_decoder::state;

namespace {

struct outcome {
    state what = state::more;
    std::string body;
    std::string trailers;
    std::size_t size = 0; ///< bytes of the message
};

outcome decode(std::string_view bytes, std::size_t part) {
    chunk_decoder decoder(512);
    outcome result;
    std::size_t given = 0;
    while (given < bytes.size()) {
        auto input = bytes.substr(given, part);
        given += input.size();
        while (true) {
            const auto step = decoder.next(input);
            demand(step.consumed <= input.size());
            demand(step.what != state::data || (!step.data.empty() && step.data.data() + step.data.size() == input.data() + step.consumed));
            result.body += step.data;
            result.size += step.consumed;
            input.remove_prefix(step.consumed);
            if (step.what == state::done || step.what == state::malformed) {
                result.what = step.what;
                result.trailers = decoder.trailers();
                return result;
            }
            if (step.what == state::more) {
                demand(input.empty());
                break;
            }
        }
    }
    return result;
}

void check_encoded_again(const outcome& whole) {
    std::string again;
    for (std::size_t at = 0; at < whole.body.size(); at += 7) {
        const auto piece = std::string_view(whole.body).substr(at, 7);
        again += static_cast<char>('0' + piece.size());
        again.append(";x=y\r\n").append(piece).append("\r\n");
    }
    again += "0\r\n" + whole.trailers + "\r\n";
    const auto second = decode(again, again.size());
    demand(second.what == state::done && second.body == whole.body && second.trailers == whole.trailers && second.size == again.size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const auto bytes = fuzz::text_of(data + 1, size - 1);
    const auto whole = decode(bytes, std::max<std::size_t>(bytes.size(), 1));
    for (const std::size_t part : {std::size_t{1}, std::size_t{data[0]} + 1}) {
        const auto parts = decode(bytes, part);
        demand(parts.what == whole.what && parts.body == whole.body && parts.trailers == whole.trailers);
        demand(whole.what != state::done || parts.size == whole.size);
    }
    if (whole.what == state::done) {
        check_encoded_again(whole);
    }
    return 0;
}
