#include "proxy/demo/line_text.hpp"

namespace bearward::proxy::demo {

namespace {

constexpr std::string_view plain_scheme = "http://";

/// In double quotes, so that the shell puts the tokens in. The table holds
/// nothing else that a shell would read in them; a test sees to that.
std::string quote(std::string_view text) {
    return '"' + std::string(text) + '"';
}

/// `$NAME` as JavaScript's template strings write it.
std::string make_template(std::string_view text) {
    std::string result;
    bool in_name = false;
    for (const char c : text) {
        if (in_name && (c < 'A' || c > 'Z')) {
            result.push_back('}');
            in_name = false;
        }
        result.push_back(c);
        if (c == '$') {
            result.push_back('{');
            in_name = true;
        }
    }
    return result + (in_name ? "}" : "");
}

/// A JavaScript expression: a token's name, or a string.
std::string make_expression(std::string_view text) {
    if (text.starts_with('$') && text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1) == std::string_view::npos) {
        return std::string(text.substr(1));
    }
    if (text.find('$') != std::string_view::npos) {
        return '`' + make_template(text) + '`';
    }
    return quote(text);
}

/// "bearer, $READER" as the array ["bearer", READER].
std::string make_array(std::string_view list) {
    std::string array = "[";
    while (true) {
        const auto comma = list.find(", ");
        array += make_expression(list.substr(0, comma));
        if (comma == std::string_view::npos) {
            return array + "]";
        }
        array += ", ";
        list.remove_prefix(comma + 2);
    }
}

std::string make_websocket_command(const line& what) {
    std::string command = "ws " + quote(what.target);
    for (const named_value& header : what.headers) {
        command += ' ' + quote(header.name + ": " + header.value);
    }
    return command;
}

} // namespace

std::string make_shell_preamble(std::string_view url, const std::vector<named_token>& tokens) {
    std::string text = "URL=" + std::string(url) + "\n";
    for (const named_token& token : tokens) {
        text += token.name + '=' + token.value + "\n";
    }
    // curl speaks no WebSocket: as a telnet client it carries the handshake and one
    // text frame, masked with a key of zeros (RFC 6455 section 5.2).
    text += "ws() { # ws PATH [HEADER]: a handshake, then the message \"hello\"\n"
            "  { printf 'GET %s HTTP/1.1\\r\\nHost: %s\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n' \"$1\" \"${URL#http://}\"\n"
            "    printf 'Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n%b\\r\\n' \"${2:+$2\\r\\n}\"\n"
            "    sleep 1; printf '\\201\\205\\000\\000\\000\\000hello'; sleep 1\n"
            "  } | curl -sN -m 3 \"telnet://${URL#http://}\" | tr -d '\\r' | cat -v; echo\n"
            "}\n";
    return text;
}

std::string make_command(const line& what) {
    if (what.websocket) {
        return make_websocket_command(what);
    }
    std::string command = "curl -si";
    if (what.method != "GET" && what.body.empty()) {
        command += " -X " + what.method;
    }
    if (what.target.find("..") != std::string::npos || what.target.find("%2e") != std::string::npos) {
        command += " --path-as-is";
    }
    for (const named_value& header : what.headers) {
        command += " -H " + quote(header.name + ": " + header.value);
    }
    if (!what.body.empty()) {
        command += " -d " + quote(what.body);
    }
    return command + ' ' + quote("$URL" + what.target);
}

std::string make_console_preamble(std::string_view url, const std::vector<named_token>& tokens) {
    std::string text;
    for (const named_token& token : tokens) {
        text += "const " + token.name + " = \"" + token.value + "\"\n";
    }
    text += "const ws = (path, offer) => { const s = new WebSocket(\"ws://";
    text += url.starts_with(plain_scheme) ? url.substr(plain_scheme.size()) : url;
    text += "\" + path, offer ?? [])\n"
            "  s.onopen = () => s.send(\"hello\")\n"
            "  s.onmessage = e => console.log(\"message\", e.data)\n"
            "  s.onclose = e => console.log(\"closed\", e.code, e.reason) }\n";
    return text;
}

std::string make_console_command(const line& what) {
    std::string command = "ws(" + make_expression(what.target);
    for (const named_value& header : what.headers) {
        command += ", " + make_array(header.value);
    }
    return command + ")";
}

std::string describe(const expectation& expected) {
    std::string text = std::to_string(expected.status);
    if (!expected.detail.empty()) {
        text += ' ' + expected.detail;
    }
    std::string_view separator = "; the app sees ";
    for (const named_value& header : expected.app_sees) {
        text.append(separator).append(header.name).append(": ").append(header.value);
        separator = ", ";
    }
    separator = expected.app_sees.empty() ? "; the app sees no " : ", no ";
    for (const std::string& name : expected.app_does_not_see) {
        text.append(separator).append(name);
        separator = ", no ";
    }
    if (!expected.subprotocol.empty()) {
        text += " with Sec-WebSocket-Protocol: " + expected.subprotocol;
    }
    if (!expected.echo.empty()) {
        text += "; \"" + expected.echo + "\" comes back";
    }
    if (expected.closed) {
        text += ", then Close " + std::to_string(expected.closed->code) + ' ' + expected.closed->reason;
    }
    return text;
}

} // namespace bearward::proxy::demo
