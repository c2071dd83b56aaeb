#include "config/document.hpp"

#include "config/encoding.hpp"
#include "config/yaml_fault.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <sstream>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace bearward::config {

namespace {

/// yaml-cpp also finds such keys where brackets aren't closed.
constexpr const char* key_must_be_text = "a key must be text";

/// Ends the parse: thrown through yaml-cpp, which is made for that.
struct document_error : std::runtime_error {
    document_error(const YAML::Mark& mark, const std::string& what)
        : std::runtime_error(what), line(mark.line + 1), column(mark.column + 1) {}
    int line;
    int column;
};

/// Makes the tree from yaml-cpp's events.
class tree_builder final : public YAML::EventHandler {
public:
    tree_builder(const std::string& file, std::vector<diagnostic>& problems, const document_limits& limits, std::uint32_t number)
        : file_(file), problems_(problems), limits_(limits), number_(number) {}

    [[nodiscard]] node take_root() { return std::move(root_); }
    /// Where the last text in quotes began; null: there was none.
    [[nodiscard]] const YAML::Mark& last_quoted() const { return last_quoted_; }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        node value = make(mark, node::kind::null);
        value.plain = true;
        add(std::move(value), anchor, mark);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& text) override {
        check_tag(mark, tag, "tag:yaml.org,2002:str");
        node value = make(mark, node::kind::scalar);
        value.plain = tag == "?" || tag.empty();
        if (!value.plain) {
            last_quoted_ = mark;
        }
        value.text = text;
        add(std::move(value), anchor, mark);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        check_tag(mark, tag, "tag:yaml.org,2002:seq");
        open(make(mark, node::kind::sequence), anchor, mark);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value) override {
        check_tag(mark, tag, "tag:yaml.org,2002:map");
        open(make(mark, node::kind::map), anchor, mark);
    }
    void OnMapEnd() override { close(); }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) {
            throw document_error(mark, "an alias inside of what it names: the document would be endless");
        }
        charge_copy(found->second.weight, mark);
        add(node(found->second.value), 0, mark, found->second.weight);
    }

private:
    struct frame {
        node container;
        std::optional<node> key;
        bool skip_value = false;
        std::unordered_map<std::string, int> seen; // key -> line
        YAML::anchor_t anchor = 0;
        std::size_t weight = 1; // nodes in the container, itself included
        YAML::Mark mark;
    };
    struct anchored {
        node value;
        std::size_t weight;
    };

    node make(const YAML::Mark& mark, node::kind type) {
        if (++nodes_ > limits_.nodes) {
            throw document_error(mark, "the document has more than " + std::to_string(limits_.nodes) + " values");
        }
        node made;
        made.type = type;
        made.file = number_;
        made.line = mark.line + 1;
        made.column = mark.column + 1;
        return made;
    }

    static void check_tag(const YAML::Mark& mark, const std::string& tag, std::string_view accepted) {
        if (!tag.empty() && tag != "?" && tag != "!" && tag != accepted) {
            throw document_error(mark, "tags aren't supported here; text that begins with ! needs quotes");
        }
    }

    void charge_copy(std::size_t weight, const YAML::Mark& mark) {
        copied_ += weight;
        if (copied_ > limits_.alias_nodes) {
            throw document_error(mark, "aliases come to more than " + std::to_string(limits_.alias_nodes) + " values");
        }
    }

    void open(node container, YAML::anchor_t anchor, const YAML::Mark& mark) {
        if (frames_.size() >= limits_.depth) {
            throw document_error(mark, "nested deeper than " + std::to_string(limits_.depth) + " levels");
        }
        if (!frames_.empty() && frames_.back().container.type == node::kind::map && !frames_.back().key) {
            throw document_error(mark, key_must_be_text);
        }
        frame next;
        next.container = std::move(container);
        next.anchor = anchor;
        next.mark = mark;
        frames_.push_back(std::move(next));
    }

    void close() {
        frame done = std::move(frames_.back());
        frames_.pop_back();
        add(std::move(done.container), done.anchor, done.mark, done.weight);
    }

    void add(node value, YAML::anchor_t anchor, const YAML::Mark& mark, std::size_t weight = 1) {
        if (anchor != 0) {
            charge_copy(weight, mark);
            anchors_.insert_or_assign(anchor, anchored{value, weight});
        }
        if (frames_.empty()) {
            root_ = std::move(value);
            return;
        }
        frame& top = frames_.back();
        top.weight += weight;
        if (top.container.type == node::kind::sequence) {
            top.container.items.push_back(std::move(value));
        } else if (!top.key) {
            add_key(top, std::move(value), mark);
        } else {
            add_value(top, std::move(value));
        }
    }

    void add_key(frame& top, node key, const YAML::Mark& mark) {
        if (key.type != node::kind::scalar) {
            throw document_error(mark, key_must_be_text);
        }
        if (key.plain && key.text == "<<") {
            throw document_error(mark, "merge keys (<<) aren't supported; YAML 1.2 has none");
        }
        const auto [first, fresh] = top.seen.emplace(key.text, key.line);
        top.skip_value = !fresh;
        top.key = std::move(key);
        if (!fresh) {
            problems_.push_back({diagnostic::kind::error,
                                 {file_, top.key->line, top.key->column},
                                 path(),
                                 "written twice; the first is at line " + std::to_string(first->second)});
        }
    }

    static void add_value(frame& top, node value) {
        if (value.type == node::kind::null) {
            // yaml-cpp marks what is absent where the next thing stands.
            value.line = top.key->line;
            value.column = top.key->column;
        }
        if (!top.skip_value) {
            top.container.entries.push_back({std::move(*top.key), std::move(value)});
        }
        top.key.reset();
    }

    [[nodiscard]] std::string path() const {
        std::vector<key_path> steps;
        steps.reserve(frames_.size() + 1);
        for (const frame& each : frames_) {
            const key_path* parent = steps.empty() ? nullptr : &steps.back();
            if (each.container.type == node::kind::sequence) {
                steps.push_back({parent, {}, each.container.items.size()});
            } else if (each.key) {
                steps.push_back({parent, each.key->text, 0});
            }
        }
        return steps.empty() ? std::string() : to_string(steps.back());
    }

    const std::string& file_;
    std::vector<diagnostic>& problems_;
    const document_limits& limits_;
    const std::uint32_t number_;
    std::vector<frame> frames_;
    std::unordered_map<YAML::anchor_t, anchored> anchors_;
    std::size_t nodes_ = 0;
    std::size_t copied_ = 0;
    YAML::Mark last_quoted_ = YAML::Mark::null_mark();
    node root_;
};

/// Fails where a second document begins.
class one_document_only final : public YAML::EventHandler {
public:
    void OnDocumentStart(const YAML::Mark& mark) override { throw document_error(mark, "a file holds one document"); }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}
};

} // namespace

const entry* node::find(std::string_view key) const {
    for (const entry& each : entries) {
        if (each.key.text == key) {
            return &each;
        }
    }
    return nullptr;
}

std::string to_string(const key_path& path) {
    std::string text = path.parent != nullptr ? to_string(*path.parent) : std::string();
    if (path.name.data() == nullptr) {
        return text + '[' + std::to_string(path.index) + ']';
    }
    if (!text.empty()) {
        text += '.';
    }
    return text + escape_for_message(path.name, 64);
}

std::optional<node> parse_document(const std::string& text, const std::string& file, std::vector<diagnostic>& problems,
                                   const document_limits& limits, std::uint32_t number) {
    const auto fail = [&](int line, int column, std::string what) {
        problems.push_back({diagnostic::kind::error, {file, line, column}, {}, std::move(what)});
        return std::nullopt;
    };
    if (text.size() > limits.bytes) {
        return fail(1, 1, "larger than " + std::to_string(limits.bytes / (std::size_t{1024} * 1024)) + " MiB");
    }
    if (const auto bad = find_forbidden_byte(text)) {
        return fail(bad->line, bad->column, bad->what);
    }
    try {
        std::istringstream stream(text);
        YAML::Parser parser(stream);
        tree_builder builder(file, problems, limits, number);
        if (!parser.HandleNextDocument(builder)) {
            node empty;
            empty.file = number;
            empty.line = empty.column = 1;
            return empty;
        }
        if (const YAML::Mark& last = builder.last_quoted(); !last.is_null() && is_open_quote(text, last.line + 1, last.column + 1)) {
            return fail(last.line + 1, last.column + 1, "not valid YAML: " + std::string(quote_not_closed));
        }
        one_document_only no_more;
        parser.HandleNextDocument(no_more);
        return builder.take_root();
    } catch (const document_error& error) {
        const auto cause =
            error.what() == std::string_view(key_must_be_text) ? find_yaml_fault(text, error.line, error.column) : std::nullopt;
        return cause ? fail(cause->line, cause->column, "not valid YAML: " + cause->what) : fail(error.line, error.column, error.what());
    } catch (const YAML::Exception& error) {
        const auto cause = find_yaml_fault(text, error.mark.line + 1, error.mark.column + 1);
        return cause ? fail(cause->line, cause->column, "not valid YAML: " + cause->what)
                     : fail(error.mark.line + 1, error.mark.column + 1, "not valid YAML: " + error.msg);
    }
}

} // namespace bearward::config
