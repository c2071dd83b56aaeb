#include "proxy/commands/import/import_configuration.hpp"
#include "proxy/commands/import/oauth2_proxy_options.hpp"

namespace bearward::proxy::commands::importing {

void read_oauth2_proxy(const std::string& text, imported& out) {
    oauth2_proxy_options options;
    if (looks_like_cfg(text)) {
        const cfg_file file = parse_cfg(text);
        if (file.fault) {
            out.notes.push_back(*file.fault);
            out.failed = true;
            return;
        }
        take_cfg(file.entries, options, out);
    } else {
        take_alpha(text, options, out);
    }
    if (!out.failed) {
        build_oauth2_proxy(options, out);
    }
}

} // namespace bearward::proxy::commands::importing
