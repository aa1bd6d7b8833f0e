<?php
// A login over PHP's own sessions, for the built-in server: php -S ADDRESS:PORT session_app.php
// SOUND=yes makes a new session value at login and destroys the session at logout; without it the
// application does what many do: it keeps the value, and forgets the cookie alone. BASIC=yes asks for
// the password in a header in place of a form, once: then the session is enough.
$sound = getenv('SOUND') === 'yes';
$idle = (int) (getenv('IDLE') ?: 0);
session_set_cookie_params(['httponly' => true, 'samesite' => $sound ? 'Strict' : '']);
session_start();
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if (isset($_SESSION['user']) && $idle > 0 && time() - $_SESSION['used'] > $idle) {
    $_SESSION = [];
}
$origin = $_SERVER['HTTP_ORIGIN'] ?? '';
if (!$sound && $origin !== '') {
    header("Access-Control-Allow-Origin: $origin");
    header('Access-Control-Allow-Credentials: true');
}
$form = '<form method="post" action="/login"><input name="user"><input type="password" name="word"></form>';
$basic = getenv('BASIC') === 'yes';
$sent = [$_SERVER['PHP_AUTH_USER'] ?? '', $_SERVER['PHP_AUTH_PW'] ?? ''];
if ($basic && !isset($_SESSION['user']) && $sent === ['lab', 'Right!Horse-2026']) {
    if ($sound) {
        session_regenerate_id(true);
    }
    $_SESSION['user'] = 'lab';
    $_SESSION['used'] = time();
}
if ($path === '/login' && $_SERVER['REQUEST_METHOD'] === 'POST') {
    if (($_POST['user'] ?? '') !== 'lab' || ($_POST['word'] ?? '') !== 'Right!Horse-2026') {
        http_response_code(401);
        echo "wrong user or password $form";
        return;
    }
    if ($sound) {
        session_regenerate_id(true);
    }
    $_SESSION['user'] = 'lab';
    $_SESSION['used'] = time();
    header('Location: /private');
    http_response_code(302);
    return;
}
if ($path === '/logout') {
    if ($sound) {
        session_destroy();
    }
    setcookie(session_name(), '', 1, '/');
    header('Location: /login');
    http_response_code(302);
    return;
}
if (!isset($_SESSION['user'])) {
    if ($basic) {
        header('WWW-Authenticate: Basic realm="lab"');
        http_response_code(401);
        return;
    }
    echo "<title>Sign in</title>$form";
    return;
}
$_SESSION['used'] = time();
if ($path === '/name' && $_SERVER['REQUEST_METHOD'] === 'POST') {
    if ($sound && $origin !== '' && $origin !== 'http://' . $_SERVER['HTTP_HOST']) {
        http_response_code(403);
        echo 'another site';
        return;
    }
    $_SESSION['name'] = (string) ($_POST['name'] ?? '');
    echo 'stored';
    return;
}
echo '<title>Private</title><p>Hello ' . htmlspecialchars($_SESSION['user']) . '</p>';
