namespace SearchEngine;

/// <summary>A collection whose views can be held against each other.</summary>
public interface IVerifiableCollection : ISearchCollection
{
    /// <summary>Checks every view against every other. Reads everything once; changes nothing.</summary>
    Task<VerificationReport> VerifyAsync(IProgress<string>? progress = null, CancellationToken cancellationToken = default);
}
