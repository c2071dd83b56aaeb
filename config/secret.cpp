// Secrets: where they come from, and that nobody sees them.
#include "config/section.hpp"
#include "config/values.hpp"

namespace bearward::config {

namespace {

/// A secret as written.
struct secret_source {
    std::string file;
    std::string environment;
    std::string value;
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
            .field("file", &secret_source::file, absent_if_empty(file_path()), "A file with the secret; one trailing newline is dropped.")
            .field("env", &secret_source::environment, absent_if_empty(variable_name()), "An environment variable with the secret.")
            .field("value", &secret_source::value, hidden_text(), "The secret itself. Warns: a configuration is easily copied.")
            .one_of({"file", "env", "value"});
    return declared;
}

bool read_source(reading& state, const cursor& at, const secret_source& source, std::string& out) {
    if (!source.file.empty()) {
        auto content = state.read_file(source.file);
        if (!content) {
            return state.error(at, "can't read " + source.file + ": " + content.error());
        }
        if (content->ends_with('\n')) {
            content->pop_back();
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
    return !out.empty() || state.error(at, "the secret is empty");
}

} // namespace

codec<secret_settings> secret() {
    codec<secret_settings> made;
    const codec<secret_source> source = nested("secret", &secret_fields);
    made.form = source.form;
    made.form.expected = "{file: PATH}, {env: NAME} or {value: TEXT}";
    made.form.secret = true;
    made.read = [read = source.read, form = made.form](reading& state, const cursor& at, secret_settings& out) {
        if (at.value.type != node::kind::map) {
            return refuse(state, at, form);
        }
        out.given = true;
        secret_source written;
        if (!read(state, at, written)) {
            return false;
        }
        const entry* inline_value = at.value.find("value");
        if (inline_value != nullptr && !inline_value->value.substituted) {
            state.warning(state.place_of(at), "the secret stands in the configuration itself; {file: PATH} or {env: NAME} keeps it apart");
        }
        return state.offline() || read_source(state, at, written, out.value);
    };
    made.show = [](const secret_settings& value) -> boost::json::value {
        return value.given ? boost::json::value("********") : boost::json::value(nullptr);
    };
    return made;
}

} // namespace bearward::config
