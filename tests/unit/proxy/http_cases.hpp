// Reads the raw cases of tests/golden/http; the format is in its README.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::test {

struct http_case {
    std::string name;
    std::string kind;    ///< request, response:METHOD, chunked
    std::string verdict; ///< accept, refuse, incomplete
    std::map<std::string, std::string, std::less<>> expected;
    std::string bytes;

    [[nodiscard]] std::size_t limit(std::string_view key, std::size_t otherwise) const {
        const auto found = expected.find(key);
        return found == expected.end() ? otherwise : std::stoul(found->second);
    }
};

/// Undoes the escapes of a case.
inline std::string unescape(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        if (text.front() != '\\') {
            out.push_back(text.front());
            text.remove_prefix(1);
            continue;
        }
        const char kind = text.at(1);
        std::size_t length = 2;
        if (kind == 'x') {
            out.push_back(static_cast<char>(std::stoi(std::string(text.substr(2, 2)), nullptr, 16)));
            length = 4;
        } else if (kind == '{') {
            const auto star = text.find('*');
            out.append(std::stoul(std::string(text.substr(2, star - 2))), text.at(star + 1));
            length = star + 3;
        } else {
            const auto known = std::string_view("rnt\\").find(kind);
            if (known == std::string_view::npos) {
                throw std::invalid_argument("unknown escape");
            }
            out.push_back("\r\n\t\\"[known]);
        }
        text.remove_prefix(length);
    }
    return out;
}

inline void read_verdict(std::string_view line, http_case& into) {
    std::vector<std::string> words;
    while (!line.empty()) {
        const auto space = line.find(' ');
        words.emplace_back(line.substr(0, space));
        line = space == std::string_view::npos ? std::string_view{} : line.substr(space + 1);
    }
    into.kind = words.at(0);
    into.verdict = words.at(1);
    for (std::size_t i = 2; i < words.size(); ++i) {
        const auto equal = words[i].find('=');
        if (equal == std::string::npos) {
            throw std::invalid_argument("not key=value: " + words[i]);
        }
        into.expected[words[i].substr(0, equal)] = unescape(std::string_view(words[i]).substr(equal + 1));
    }
}

inline http_case read_http_case(const std::filesystem::path& file) {
    std::ifstream in(file);
    http_case result{.name = file.stem().string(), .kind = {}, .verdict = {}, .expected = {}, .bytes = {}};
    std::string line;
    bool remarks = true;
    while (std::getline(in, line)) {
        if (remarks && line.starts_with('#')) {
            if (result.kind.empty()) {
                read_verdict(std::string_view(line).substr(2), result);
            }
            continue;
        }
        remarks = false;
        result.bytes += unescape(line);
    }
    return result;
}

/// All cases whose kind starts with `kind`.
inline std::vector<http_case> read_http_cases(std::string_view kind) {
    std::vector<http_case> cases;
    for (const auto& entry : std::filesystem::directory_iterator(BEARWARD_SOURCE_DIR "/tests/golden/http")) {
        if (entry.path().extension() == ".http") {
            if (auto one = read_http_case(entry.path()); one.kind.starts_with(kind)) {
                cases.push_back(std::move(one));
            }
        }
    }
    return cases;
}

} // namespace bearward::test
