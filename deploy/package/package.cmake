# What is installed, and the Debian package, which build.sh makes.
set(CMAKE_INSTALL_PREFIX /usr)
set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(package_files ${CMAKE_CURRENT_BINARY_DIR}/package_files)

# Debian's rules want these compressed, without a time in them.
function(install_compressed source name destination)
  add_custom_command(OUTPUT ${package_files}/${name}.gz
    COMMAND ${CMAKE_COMMAND} -E make_directory ${package_files}
    COMMAND sh -c "gzip -9nc '${source}' > '${package_files}/${name}.gz'"
    DEPENDS ${source} VERBATIM)
  set_property(GLOBAL APPEND PROPERTY bearward_compressed ${package_files}/${name}.gz)
  install(FILES ${package_files}/${name}.gz DESTINATION ${destination})
endfunction()

install(TARGETS bearward RUNTIME DESTINATION bin)
install(FILES deploy/systemd/bearward.service DESTINATION /lib/systemd/system)
install(FILES deploy/package/bearward.yaml DESTINATION /etc/bearward)
install(FILES deploy/completion/bearward.bash DESTINATION share/bash-completion/completions RENAME bearward)
install(FILES deploy/package/copyright README.md config/REFERENCE.md DESTINATION share/doc/bearward)
install(FILES deploy/systemd/privileged_port.conf deploy/systemd/bearward.socket DESTINATION share/doc/bearward/examples)
install(DIRECTORY config/examples/ DESTINATION share/doc/bearward/examples FILES_MATCHING PATTERN "*.yaml")
install_compressed(${CMAKE_SOURCE_DIR}/deploy/manual/bearward.1 bearward.1 share/man/man1)
install_compressed(${CMAKE_SOURCE_DIR}/deploy/manual/bearward.yaml.5 bearward.yaml.5 share/man/man5)
install_compressed(${CMAKE_SOURCE_DIR}/CHANGELOG.md changelog share/doc/bearward)
get_property(compressed GLOBAL PROPERTY bearward_compressed)
add_custom_target(package_files ALL DEPENDS ${compressed})

set(BEARWARD_PACKAGE_VERSION ${PROJECT_VERSION} CACHE STRING "Version of the Debian package")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME bearward)
set(CPACK_PACKAGE_VERSION ${BEARWARD_PACKAGE_VERSION})
set(CPACK_PACKAGE_CONTACT "The Bearward authors <bearward@example.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "reverse proxy that authenticates, beside one app")
set(CPACK_PACKAGE_DESCRIPTION "Stands in front of an HTTP or WebSocket app, verifies bearer tokens and API keys,
enforces the routes and roles of one YAML file, and forwards requests with the
caller's identity in headers.")
set(CPACK_STRIP_FILES ON)
set(CPACK_SET_DESTDIR ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION httpd)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS procps) # the kill of ExecReload
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${CMAKE_SOURCE_DIR}/deploy/package/conffiles ${CMAKE_SOURCE_DIR}/deploy/package/postinst
  ${CMAKE_SOURCE_DIR}/deploy/package/prerm ${CMAKE_SOURCE_DIR}/deploy/package/postrm)
include(CPack)
