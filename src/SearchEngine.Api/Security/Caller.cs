namespace SearchEngine.Api.Security;

/// <summary>Who sent a request and what they may do.</summary>
/// <param name="Name">The key's name.</param>
/// <param name="Access">What they may do.</param>
/// <param name="Scope">The collections that are open to them; empty for all.</param>
internal sealed record Caller(string Name, Access Access, IReadOnlyList<string> Scope)
{
    /// <summary>Whoever calls a host without keys.</summary>
    public static Caller Anyone { get; } = new("anyone", Access.Admin, []);

    /// <summary>Whoever calls without a key a host that has some.</summary>
    public static Caller Nobody { get; } = new("nobody", Access.None, []);

    /// <summary>Whether a collection of the name, there or not, is open to them.</summary>
    public bool MaySee(string collection) =>
        Scope.Count == 0
        || Scope.Any(pattern =>
            pattern.EndsWith('*') ? collection.StartsWith(pattern[..^1], StringComparison.Ordinal) : collection == pattern
        );

    /// <summary>The caller of a request, for endpoints that ask for one.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult<Caller?>(Of(context));

    /// <summary>The caller of a request.</summary>
    public static Caller Of(HttpContext context) => context.Features.Get<Caller>() ?? Nobody;
}
