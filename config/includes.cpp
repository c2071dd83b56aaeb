#include "config/includes.hpp"

#include "config/compile.hpp"
#include "config/encoding.hpp"
#include "config/file_pattern.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <system_error>

namespace bearward::config {

namespace {

constexpr std::array<std::string_view, 4> lists_that_add_up{"routes", "tests", "listen", "trusted_proxies"};
constexpr std::array<std::string_view, 3> maps_that_merge{"upstreams", "providers", "policies"};
constexpr std::size_t most_files = 1000;

class includer {
public:
    includer(reading& state, node& root) : state_(state), root_(root) { seen_.insert(identify(state.file_of(root))); }

    void run(const std::vector<node>& patterns, const key_path& list) {
        for (std::size_t i = 0; i < patterns.size(); ++i) {
            const key_path step{&list, {}, i};
            if (is_text(patterns[i]) && !patterns[i].text.empty()) {
                include(cursor{patterns[i], step});
            }
        }
    }

private:
    /// However a file is named, it is the same file.
    static std::string identify(const std::string& path) {
        std::error_code failed;
        const auto whole = std::filesystem::weakly_canonical(path, failed);
        return failed ? path : whole.string();
    }

    void include(const cursor& at) {
        const std::string& written = at.value.text;
        if (!is_pattern(written)) {
            read(at, state_.resolve(at, written));
            return;
        }
        const auto folder = std::filesystem::path(written).is_absolute() ? std::string() : as_literal(state_.resolve(at, ""));
        const matches found = state_.match_files(folder + written);
        if (!found) {
            state_.error(at, "can't look for " + quote(written) + ": " + found.error());
            return;
        }
        if (found->empty()) {
            state_.warning(state_.place_of(at), warning_code::unmatched_include, "no file matches " + quote(written));
        }
        for (const std::string& path : *found) {
            read(at, path);
        }
    }

    void read(const cursor& at, const std::string& path) {
        if (!seen_.insert(identify(path)).second) {
            return;
        }
        if (seen_.size() > most_files) {
            if (seen_.size() == most_files + 1) {
                state_.error(at, "more than " + std::to_string(most_files) + " files");
            }
            return;
        }
        const auto content = state_.read_document(path);
        if (!content) {
            state_.error(at, "can't read " + path + ": " + content.error());
            return;
        }
        auto tree = parse_document(*content, path, state_.diagnostics(), {}, state_.add_document(path));
        if (!tree || tree->type == node::kind::null) {
            return;
        }
        const key_path top{nullptr, "", 0};
        if (tree->type != node::kind::map) {
            state_.error(cursor{*tree, top}, "expected a map of sections" + describe(*tree));
            return;
        }
        substitute_environment(state_, *tree);
        for (entry& each : tree->entries) {
            merge(std::move(each), top);
        }
    }

    void merge(entry&& added, const key_path& top) {
        const std::string name = added.key.text;
        const key_path step{&top, name, 0};
        if (name == "include") {
            state_.error(cursor{added.key, step}, "an included file can't include others");
            return;
        }
        const auto present = std::ranges::find(root_.entries, name, [](const entry& each) -> const std::string& { return each.key.text; });
        if (present == root_.entries.end()) {
            root_.entries.push_back(std::move(added));
            return;
        }
        if (std::ranges::find(lists_that_add_up, name) != lists_that_add_up.end()) {
            if (agrees(present->value, added.value, node::kind::sequence, "a list", step)) {
                std::ranges::move(added.value.items, std::back_inserter(present->value.items));
            }
        } else if (std::ranges::find(maps_that_merge, name) != maps_that_merge.end()) {
            if (agrees(present->value, added.value, node::kind::map, "a map", step)) {
                merge_names(present->value, std::move(added.value), step);
            }
        } else {
            state_.error(cursor{added.key, step}, "stands in one file only, and is at " + describe_place(present->key, step) + " already");
        }
    }

    void merge_names(node& present, node&& added, const key_path& step) {
        for (entry& each : added.entries) {
            const key_path name{&step, each.key.text, 0};
            if (const entry* first = present.find(each.key.text)) {
                state_.error(cursor{each.key, name}, "written twice; the first is at " + describe_place(first->key, name));
            } else {
                present.entries.push_back(std::move(each));
            }
        }
    }

    /// Whether both can be put together; complains about the added one that can't.
    /// The other one is read later, and complained about then.
    bool agrees(const node& present, const node& added, node::kind wanted, const std::string& what, const key_path& step) {
        if (added.type != wanted && added.type != node::kind::broken) {
            state_.error(cursor{added, step}, "expected " + what + describe(added));
        }
        return present.type == wanted && added.type == wanted;
    }

    [[nodiscard]] std::string describe_place(const node& value, const key_path& path) const {
        return to_string(state_.place_of(cursor{value, path}).where);
    }

    reading& state_;
    node& root_;
    std::set<std::string> seen_;
};

} // namespace

void include_documents(reading& state, node& root) {
    const entry* written = root.find("include");
    if (written == nullptr || written->value.type != node::kind::sequence) {
        return;
    }
    // The root's entries move while others join them.
    const std::vector<node> patterns = written->value.items;
    const key_path top{nullptr, "", 0};
    const key_path list{&top, "include", 0};
    includer(state, root).run(patterns, list);
}

} // namespace bearward::config
