#include "proxy/http/outgoing_head.hpp"

namespace bearward::proxy::http {

std::string& outgoing_head::make_text() {
    if (texts_used_ == texts_.size()) {
        texts_.push_back(std::make_unique<std::string>());
    }
    std::string& text = *texts_[texts_used_++];
    text.clear();
    return text;
}

void outgoing_head::clear_fields() noexcept {
    fields_.clear();
    texts_used_ = 0;
    set_framing(body_framing::none);
    connection_ = connection_use::persists;
    websocket_proof_ = {};
}

void outgoing_head::shrink(std::size_t most) {
    clear_fields();
    std::size_t held = fields_.capacity() * sizeof(header);
    for (const auto& text : texts_) {
        held += text->capacity();
    }
    if (held > most) {
        std::vector<header>{}.swap(fields_);
        texts_.clear();
    }
}

void outgoing_request::clear() noexcept {
    clear_fields();
    method = path = query = authority = {};
    has_query = accepts_trailers = false;
}

void outgoing_response::clear() noexcept {
    clear_fields();
    status = 0;
    reason_phrase = {};
}

} // namespace bearward::proxy::http
