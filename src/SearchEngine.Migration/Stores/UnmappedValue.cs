namespace SearchEngine.Migration;

/// <summary>A value that has no counterpart in a collection.</summary>
/// <param name="What">What it is, for messages: "a sparse vector".</param>
public sealed record UnmappedValue(string What);
