#include "proxy/assertion_memory.hpp"

#include "policies/jose/base64url.hpp"

#include <openssl/rand.h>

#include <array>
#include <bit>
#include <cstdint>
#include <utility>

namespace bearward::proxy {
namespace {

std::string random_id() {
    std::array<unsigned char, 16> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
        return {};
    }
    return policies::jose::encode_base64url(std::string(bytes.begin(), bytes.end()));
}

/// With its length in front, so that no two lists of texts read the same.
void append(std::string& key, std::string_view text) {
    key.append(std::to_string(text.size())).append(":").append(text);
}

} // namespace

void assertion_memory::make_key(const policies::assertion_rules& rules, const policies::asserted_request& about) {
    key_ = std::to_string(std::bit_cast<std::uintptr_t>(&rules)); // a request may still be judged by the rules before
    append(key_, about.audience);
    append(key_, about.method);
    append(key_, about.path);
    append(key_, about.who.user);
    append(key_, about.who.tenant);
    for (const std::string& role : about.who.roles) {
        append(key_, role);
    }
}

std::string_view assertion_memory::find_or_make(const policies::assertion_rules& rules, const policies::asserted_request& about,
                                                policies::time_point now) {
    make_key(rules, about);
    if (const auto found = recent_.find(key_); found != recent_.end() && now < found->second.fresh_until) {
        return found->second.token;
    }
    if (recent_.size() >= generation_size) {
        older_ = std::exchange(recent_, {});
    }
    entry made;
    if (const auto found = older_.find(key_); found != older_.end() && now < found->second.fresh_until) {
        made = std::move(found->second);
        older_.erase(found);
    } else {
        const std::string id = random_id();
        made.token = id.empty() ? std::string() : policies::make_assertion(rules, about, now, id);
        made.fresh_until = now + std::chrono::milliseconds(rules.lifetime) / 2;
    }
    entry& kept = recent_[key_];
    kept = std::move(made);
    return kept.token;
}

void assertion_memory::clear() noexcept {
    recent_.clear();
    older_.clear();
}

} // namespace bearward::proxy
