#include "policies/explanation.hpp"

#include "policies/date_text.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace bearward::policies {

void explanation::add(step what) {
    what.check.insert(0, prefix_);
    (keeps_ ? kept_ : steps_).push_back(std::move(what));
}

void explanation::add(step what, reason verdict) {
    if (!prefix_.empty()) {
        what.outcome = verdict == reason::ok ? step::mark::holds : step::mark::does_not_hold;
    } else {
        what.outcome = verdict == reason::ok ? step::mark::ok : step::mark::failed;
    }
    what.why = verdict;
    add(std::move(what));
}

explanation::ahead::ahead(explanation* observer) : observer_(observer) {
    if (observer_ != nullptr) {
        observer_->keeps_ = true;
    }
}

explanation::ahead::~ahead() {
    if (observer_ != nullptr) {
        observer_->keeps_ = false;
    }
}

void explanation::tell_kept() {
    std::ranges::move(kept_, std::back_inserter(steps_));
    kept_.clear();
}

explanation::part::part(explanation* observer, std::string_view list, std::size_t index) : observer_(observer) {
    if (observer_ != nullptr) {
        before_ = observer_->prefix_.size();
        observer_->prefix_.append(list).append("[").append(std::to_string(index)).append("].");
    }
}

explanation::part::~part() {
    if (observer_ != nullptr) {
        observer_->prefix_.resize(before_);
    }
}

boost::json::value show(std::string_view text) {
    return boost::json::value(boost::json::string(text));
}

boost::json::value show(const std::vector<std::string>& texts) {
    boost::json::array shown;
    for (const std::string& each : texts) {
        shown.push_back(show(std::string_view(each)));
    }
    return shown;
}

boost::json::value show(time_point time) {
    return show(std::string_view(to_rfc3339(time)));
}

} // namespace bearward::policies
