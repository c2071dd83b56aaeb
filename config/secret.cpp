// Secrets: where they come from, how their bytes are written, and that nobody sees them.
#include "config/secret.hpp"
#include "config/encoding.hpp"
#include "config/files.hpp"
#include "config/section.hpp"
#include "config/suggestion.hpp"
#include "config/values.hpp"
#include "policies/ascii.hpp"
#include "policies/jose/base64url.hpp"
#include "policies/utf8.hpp"

#include <algorithm>

namespace bearward::config {

namespace {

/// A secret as written.
struct secret_source {
    std::string file;
    std::string environment;
    std::string value;
    secret_encoding encoding = secret_encoding::text;
};

codec<std::string> variable_name() {
    return text("the name of an environment variable");
}

codec<std::string> hidden_text() {
    codec<std::string> made = text("text");
    made.form.secret = true;
    made.read = [form = made.form](reading& state, const cursor& at, std::string& out) {
        if (at.value.type != node::kind::scalar) {
            return refuse(state, at, form);
        }
        if (!is_text(at.value)) {
            return state.error(at, "expected text; put the value in quotes");
        }
        out = at.value.text;
        return !out.empty() || state.error(at, "the secret is empty");
    };
    made.show = [](const std::string& value) -> boost::json::value {
        return value.empty() ? boost::json::value(nullptr) : boost::json::value("********");
    };
    return made;
}

const section<secret_source>& secret_fields() {
    static const section<secret_source> declared =
        section<secret_source>("secret")
            .field("file", &secret_source::file, absent_if_empty(file_path()),
                   "A file with the secret. Of text, one line end at its end is dropped.")
            .field("env", &secret_source::environment, absent_if_empty(variable_name()), "An environment variable with the secret.")
            .field("value", &secret_source::value, hidden_text(), "The secret itself. Warns: a configuration is easily copied.")
            .field("encoding", &secret_source::encoding,
                   word<secret_encoding>(
                       {{"text", secret_encoding::text}, {"base64", secret_encoding::base64}, {"hex", secret_encoding::hex}}),
                   "How the bytes are written. base64: either alphabet; padding and white space are ignored there and in hex.")
            .one_of({"file", "env", "value"});
    return declared;
}

bool read_source(reading& state, const cursor& at, const secret_source& source, std::string& out) {
    if (!source.file.empty()) {
        auto content = state.read_file(source.file);
        if (!content) {
            return state.error(at, "can't read " + source.file + ": " + content.error());
        }
        out = std::move(*content);
    } else if (!source.environment.empty()) {
        auto value = state.environment(source.environment);
        if (!value) {
            return state.error(at, "the environment variable " + source.environment + " isn't set");
        }
        out = std::move(*value);
    } else {
        out = source.value;
    }
    return true;
}

/// The bytes that the secret is. Error: a sentence, which never shows it.
std::expected<std::string, std::string> decode_secret(std::string written, secret_encoding encoding) {
    if (encoding == secret_encoding::text) {
        if (written.ends_with('\n')) {
            written.resize(written.size() - (written.ends_with("\r\n") ? 2 : 1));
        }
        const auto odd = [](char byte) { return static_cast<unsigned char>(byte) <= 0x20 || byte == 0x7F; };
        if (!written.empty() && (odd(written.front()) || odd(written.back()))) {
            return std::unexpected(
                "the secret has a blank or a control byte at one of its ends; remove it, or say how its bytes are written "
                "with `encoding: base64` or `encoding: hex`");
        }
        if (policies::find_invalid_utf8(written)) {
            return std::unexpected("the secret is not text in UTF-8; write its bytes with `encoding: base64` or `encoding: hex`");
        }
        return written;
    }
    std::erase_if(written, [](char byte) { return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n'; });
    const auto bytes = encoding == secret_encoding::hex ? policies::decode_hex(written) : policies::jose::decode_any_base64(written);
    if (!bytes) {
        return std::unexpected(encoding == secret_encoding::hex ? "the secret is not hex, as `encoding: hex` says: two digits a byte"
                                                                : "the secret is not base64, as `encoding: base64` says");
    }
    return *bytes;
}

/// A key that isn't known may be the secret itself, which braces made one: it is not
/// repeated.
bool check_keys(reading& state, const cursor& at) {
    bool good = true;
    for (const entry& each : at.value.entries) {
        const auto& names = secret_fields().form().names;
        if (std::ranges::find(names, each.key.text) == names.end()) {
            const place written{state.place_of(cursor{each.key, at.path}).where, state.place_of(at).path};
            state.error(written, "has an unknown key; accepted: file, env, value, encoding" + suggest(each.key.text, names) +
                                     (each.value.type == node::kind::null ? "; text in braces needs quotes" : ""));
            good = false;
        }
    }
    return good;
}

} // namespace

std::expected<std::string, std::string> read_again(const secret_settings& secret) {
    if (secret.file.empty()) {
        return secret.value;
    }
    auto content = read_regular_file(secret.file);
    if (!content) {
        return std::unexpected("can't read " + secret.file + ": " + content.error());
    }
    auto decoded = decode_secret(*std::move(content), secret.encoding);
    if (!decoded || decoded->empty()) {
        return std::unexpected(secret.file + ": " + (decoded ? "the secret is empty" : decoded.error()));
    }
    return decoded;
}

codec<secret_settings> secret() {
    codec<secret_settings> made;
    const codec<secret_source> source = nested("secret", &secret_fields);
    made.form = source.form;
    made.form.expected = "{file: PATH}, {env: NAME} or {value: TEXT}, with encoding: text, base64 or hex";
    made.form.secret = true;
    made.read = [read = source.read, form = made.form](reading& state, const cursor& at, secret_settings& out) {
        if (at.value.type != node::kind::map) {
            return refuse(state, at, form);
        }
        out.given = true;
        if (!check_keys(state, at)) {
            return false;
        }
        secret_source written;
        if (!read(state, at, written)) {
            return false;
        }
        const entry* inline_value = at.value.find("value");
        if (inline_value != nullptr && !inline_value->value.substituted) {
            state.warning(state.place_of(at), warning_code::inline_secret,
                          "the secret stands in the configuration itself; {file: PATH} or {env: NAME} keeps it apart");
        }
        if (state.offline()) {
            return true;
        }
        std::string raw;
        if (!read_source(state, at, written, raw)) {
            return false;
        }
        auto decoded = decode_secret(std::move(raw), written.encoding);
        if (!decoded) {
            return state.error(at, decoded.error());
        }
        out.value = std::move(*decoded);
        out.file = written.file;
        out.encoding = written.encoding;
        return !out.value.empty() || state.error(at, "the secret is empty");
    };
    made.show = [](const secret_settings& value) -> boost::json::value {
        return value.given ? boost::json::value("********") : boost::json::value(nullptr);
    };
    return made;
}

} // namespace bearward::config
