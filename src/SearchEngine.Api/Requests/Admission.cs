namespace SearchEngine.Api.Requests;

/// <summary>Among how many others a request runs.</summary>
internal enum Admission
{
    /// <summary>It costs nothing: always.</summary>
    Free,

    /// <summary>It works: so many at a time, so many waiting.</summary>
    Work,

    /// <summary>It lasts as long as the caller wants: so many at a time, none waiting.</summary>
    Stream,
}
