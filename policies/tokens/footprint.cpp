#include "policies/tokens/footprint.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <vector>

namespace bearward::policies::tokens {

namespace json = boost::json;

std::size_t heap_bytes(const std::string& text) noexcept {
    return text.capacity() <= std::string{}.capacity() ? 0 : text.capacity() + 1 + block_cost;
}

static std::size_t heap_bytes(const std::vector<std::string>& list) noexcept {
    std::size_t sum = list.capacity() * sizeof(std::string) + block_cost;
    for (const std::string& each : list) {
        sum += heap_bytes(each);
    }
    return sum;
}

static std::size_t heap_bytes(const json::object& object) noexcept;

static std::size_t heap_bytes(const json::value& value) noexcept {
    std::size_t sum = 0;
    if (const json::string* text = value.if_string()) {
        sum += text->capacity() + block_cost;
    } else if (const json::object* object = value.if_object()) {
        sum += heap_bytes(*object);
    } else if (const json::array* array = value.if_array()) {
        sum += array->capacity() * sizeof(json::value) + block_cost;
        for (const json::value& each : *array) {
            sum += heap_bytes(each);
        }
    }
    return sum;
}

static std::size_t heap_bytes(const json::object& object) noexcept {
    // Each member may have a place in a hash index besides.
    std::size_t sum = object.capacity() * (sizeof(json::key_value_pair) + sizeof(std::uint32_t)) + block_cost;
    for (const json::key_value_pair& each : object) {
        sum += each.key().size() + 1 + block_cost + heap_bytes(each.value());
    }
    return sum;
}

std::size_t footprint(const verified_token& token) noexcept {
    const identity& who = token.who;
    return sizeof(verified_token) + 2 * block_cost + heap_bytes(token.id) + heap_bytes(token.session) + heap_bytes(token.subject) +
           heap_bytes(token.claims_cause) + heap_bytes(token.bound_to.certificate) + heap_bytes(token.bound_to.key) +
           heap_bytes(token.bound_to.fault) + heap_bytes(token.readable_tenants) + heap_bytes(who.provider) + heap_bytes(who.user) +
           heap_bytes(who.tenant) + heap_bytes(who.tenants) + heap_bytes(who.roles) + heap_bytes(who.scopes) + heap_bytes(who.claims);
}

} // namespace bearward::policies::tokens
